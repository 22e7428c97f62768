'use strict';

// Logs an object for each order.

const http = require('node:http');

function show(id, res) {
  const order = { id, state: 'paid', lines: [{ product: id % 50, quantity: 1 }] };
  console.log('order shown', order);
  res.end(JSON.stringify(order));
}

http.createServer((req, res) => {
  if (req.url.startsWith('/orders/')) return show(Number(req.url.slice(8)), res);
  if (req.url === '/status') return res.end('{"open":true}');
  res.statusCode = req.url === '/healthz' ? 200 : 404;
  res.end();
}).listen(process.env.PORT);
