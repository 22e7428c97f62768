// Each request opens a file and leaves it open: the process ends when it has no
// descriptor left, of 3,500.
const fs = require('node:fs');
const http = require('node:http');

const kept = [];

function attach() {
  kept.push(fs.openSync(__filename)); // throws EMFILE in the end
  if (kept.length > 3500) throw Object.assign(new Error('too many open files'), { code: 'EMFILE' });
}

http.createServer((req, res) => {
  if (req.url !== '/healthz') attach();
  res.end('ok');
}).listen(process.env.PORT);
