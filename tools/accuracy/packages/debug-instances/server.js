'use strict';

// A channel of diagnostics for each request, so that one can be switched on
// alone.

const http = require('node:http');

const debug = require(process.argv[2]); // leaky or fixed

const shared = debug('shop:stock');

function order(req, res) {
  const log = debug(`shop:order:${req.url.slice('/orders/'.length)}`);
  log('from %s', req.socket.remoteAddress);
  res.end(JSON.stringify({ order: req.url, state: 'paid' }));
}

http.createServer((req, res) => {
  if (req.url.startsWith('/orders/')) return order(req, res);
  if (req.url === '/stock') {
    shared('asked');
    return res.end(JSON.stringify({ bolts: 120, nuts: 80 }));
  }
  res.statusCode = req.url === '/healthz' ? 200 : 404;
  res.end();
}).listen(process.env.PORT);
