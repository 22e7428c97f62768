'use strict';

// Keeps the last 10,000 log entries in memory, for the support page.

const http = require('node:http');

const capacity = 10_000;
const ring = new Array(capacity);
let written = 0;

function log(message) {
  ring[written++ % capacity] = { at: Date.now(), level: 'info', message };
}

http.createServer((req, res) => {
  if (req.url.startsWith('/orders/')) {
    log(`order ${req.url.slice(8)} was shown to a customer`);
    return res.end('{"state":"paid"}');
  }
  if (req.url === '/status') return res.end(String(written));
  res.statusCode = req.url === '/healthz' ? 200 : 404;
  res.end();
}).listen(process.env.PORT);
