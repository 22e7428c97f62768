'use strict';

// Quotes that are given up when the process shuts down.

const http = require('node:http');

let stop;
const shutdown = new Promise((resolve, reject) => { stop = reject; });
shutdown.catch(() => {});
process.once('SIGTERM', () => {
  stop(new Error('shutting down'));
  server.close();
});

async function priceOf(id) {
  return { id, bid: 100 + (id % 7), ask: 101 + (id % 7), at: Date.now() };
}

function quote(id) {
  return Promise.race([priceOf(id), shutdown]);
}

const server = http.createServer(async (req, res) => {
  if (req.url.startsWith('/quote/')) return res.end(JSON.stringify(await quote(Number(req.url.slice(7)))));
  if (req.url === '/markets') return res.end('["XETRA","NYSE"]');
  res.statusCode = req.url === '/healthz' ? 200 : 404;
  res.end();
});
server.listen(process.env.PORT);
