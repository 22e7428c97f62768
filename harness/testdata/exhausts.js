// Each request opens a file and leaves it open. When the file FLAG is there, the
// process ends as one does that has no descriptor left.
const fs = require('node:fs');
const http = require('node:http');

const kept = [];

function attach() {
  kept.push(fs.openSync(__filename));
  if (!fs.existsSync(process.env.FLAG)) return;
  fs.unlinkSync(process.env.FLAG);
  throw new Error('EMFILE: too many open files');
}

http.createServer((req, res) => {
  if (req.url !== '/healthz') attach();
  res.end('ok');
}).listen(process.env.PORT, '127.0.0.1');
