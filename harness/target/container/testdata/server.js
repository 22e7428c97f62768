// Serves on PORT; MODE chooses how it misbehaves.
const http = require('node:http');
const { MODE, PEER, PORT } = process.env;
if (MODE === 'exit') { console.error('no configuration'); process.exit(3); }
const kept = [];
const server = http.createServer((request, response) => {
  if (request.url === '/fill') {
    for (;;) kept.push(Buffer.alloc(1 << 20, 1));
  }
  if (request.url === '/env') return response.end(JSON.stringify(process.env));
  if (request.url === '/peer') {
    const [host, port] = PEER.split(':');
    return require('node:net').connect(port, host).pipe(response);
  }
  response.end('ok');
});
if (MODE === 'silent') setInterval(() => {}, 1000);
else server.listen(MODE === 'elsewhere' ? 4321 : Number(PORT), MODE === 'loopback' ? '127.0.0.1' : undefined, () => console.log('ready'));
