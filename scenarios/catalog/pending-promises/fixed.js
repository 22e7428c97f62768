'use strict';

// Quotes that are given up when the process shuts down.

const http = require('node:http');

const waiting = new Set();
process.once('SIGTERM', () => {
  for (const reject of waiting) reject(new Error('shutting down'));
  server.close();
});

async function priceOf(id) {
  return { id, bid: 100 + (id % 7), ask: 101 + (id % 7), at: Date.now() };
}

function quote(id) {
  return new Promise((resolve, reject) => {
    waiting.add(reject);
    priceOf(id).then(resolve, reject).finally(() => waiting.delete(reject));
  });
}

const server = http.createServer(async (req, res) => {
  if (req.url.startsWith('/quote/')) return res.end(JSON.stringify(await quote(Number(req.url.slice(7)))));
  if (req.url === '/markets') return res.end('["XETRA","NYSE"]');
  res.statusCode = req.url === '/healthz' ? 200 : 404;
  res.end();
});
server.listen(process.env.PORT);
