// The target of the benchmark: the least that a node server can do.
const server = require('http').createServer((req, res) => {
  res.setHeader('content-type', 'text/plain');
  res.end('hello');
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.on('end', () => process.exit()).resume(); // when the benchmark ends, however it ends
