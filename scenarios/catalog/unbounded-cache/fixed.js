'use strict';

// Serves products, and caches what the database answered.

const http = require('node:http');

const cache = new Map();
const maxCached = 1000;

function load(id) {
  return { id, name: `Product ${id}`, price: (id % 100) + 0.99, tags: ['new', 'sale'], updatedAt: Date.now() };
}

function productOf(id) {
  let product = cache.get(id);
  if (!product) product = load(id);
  cache.delete(id); // the most recently used one is last
  cache.set(id, product);
  if (cache.size > maxCached) cache.delete(cache.keys().next().value);
  return product;
}

http.createServer((req, res) => {
  if (req.url.startsWith('/products/')) return res.end(JSON.stringify(productOf(Number(req.url.slice(10)))));
  if (req.url === '/categories') return res.end('["books","games","garden"]');
  res.statusCode = req.url === '/healthz' ? 200 : 404;
  res.end();
}).listen(process.env.PORT);
