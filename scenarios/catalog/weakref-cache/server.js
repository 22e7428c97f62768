'use strict';

// Caches pages weakly: the collector may take them, and then the key goes too.

const http = require('node:http');

const cache = new Map();
const registry = new FinalizationRegistry((id) => {
  if (!cache.get(id)?.deref()) cache.delete(id);
});

function pageOf(id) {
  let page = cache.get(id)?.deref();
  if (!page) {
    page = { id, body: `<h1>Page ${id}</h1>`.repeat(10) };
    cache.set(id, new WeakRef(page));
    registry.register(page, id);
  }
  return page;
}

http.createServer((req, res) => {
  if (req.url.startsWith('/page/')) return res.end(pageOf(Number(req.url.slice(6))).body);
  if (req.url === '/status') return res.end(String(cache.size));
  res.statusCode = req.url === '/healthz' ? 200 : 404;
  res.end();
}).listen(process.env.PORT);
