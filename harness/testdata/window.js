// Counts the callers of the last minute, and looks for the first time after it whether
// the minute is over when the next one calls.
let since = Date.now();
let callers = [];

require('node:http').createServer((req, res) => {
  if (Date.now() - since > 60_000) {
    since = Date.now();
    callers = [];
  }
  callers.push({ at: Date.now(), from: new Array(50).fill(Math.random()) });
  res.end('ok');
}).listen(process.env.PORT, '127.0.0.1');
