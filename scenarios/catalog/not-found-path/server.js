'use strict';

// Serves articles, and counts broken links so that they can be mended.

const http = require('node:http');

const broken = new Map();

function notFound(req, res) {
  const count = broken.get(req.url) ?? { first: new Date(), hits: 0 };
  count.hits++;
  broken.set(req.url, count);
  res.writeHead(404).end('not found');
}

function article(id, res) {
  res.end(JSON.stringify({ id, title: `Article ${id}` }));
}

http.createServer((req, res) => {
  const match = /^\/articles\/(\d+)$/.exec(req.url);
  if (match) return article(Number(match[1]), res);
  if (req.url === '/healthz') return res.end('ok');
  notFound(req, res);
}).listen(process.env.PORT);
