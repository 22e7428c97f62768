// Finds its port taken on the first start, as the file MARK is not there yet.
const { existsSync, writeFileSync } = require('node:fs');
const http = require('node:http');

const port = process.env.PORT;
const app = http.createServer((req, res) => res.end('ok'));

if (existsSync(process.env.MARK)) {
  app.listen(port, '127.0.0.1');
} else {
  writeFileSync(process.env.MARK, '');
  require('node:net').createServer().listen(port, '127.0.0.1', () => app.listen(port, '127.0.0.1'));
}
