'use strict';

// Serves a file, or 304 to the clients that have it already.

const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');

const file = path.join(__dirname, 'template.html');
const etag = '"v1"';

async function serve(req, res) {
  const content = fs.createReadStream(file);
  content.once('error', (err) => res.destroy(err));
  await sleep(20); // may this client see it? another service knows
  if (req.headers['if-none-match'] === etag) return res.writeHead(304).end();
  res.writeHead(200, { 'Content-Type': 'text/html', ETag: etag });
  content.pipe(res);
}

http.createServer((req, res) => {
  if (req.url === '/template') return serve(req, res);
  res.statusCode = req.url === '/healthz' ? 200 : 404;
  res.end();
}).listen(process.env.PORT);
