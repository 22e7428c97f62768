'use strict';

// Serves products, and caches what the database answered.

const http = require('node:http');

const cache = new Map();

function load(id) {
  return { id, name: `Product ${id}`, price: (id % 100) + 0.99, tags: ['new', 'sale'], updatedAt: Date.now() };
}

function productOf(id) {
  let product = cache.get(id);
  if (!product) {
    product = load(id);
    cache.set(id, product);
  }
  return product;
}

http.createServer((req, res) => {
  if (req.url.startsWith('/products/')) return res.end(JSON.stringify(productOf(Number(req.url.slice(10)))));
  if (req.url === '/categories') return res.end('["books","games","garden"]');
  res.statusCode = req.url === '/healthz' ? 200 : 404;
  res.end();
}).listen(process.env.PORT);
