'use strict';

// Exchange rates, looked up at most once in a quarter of a second.

const http = require('node:http');

const loaded = require(process.argv[2]); // leaky or fixed
const mem = loaded.default ?? loaded;

const rate = mem(async (pair) => ({ pair, rate: 1 + pair.length / 100 }), { maxAge: 250 });

http.createServer(async (req, res) => {
  if (req.url.startsWith('/rates/')) return res.end(JSON.stringify(await rate(req.url)));
  if (req.url === '/euro') return res.end(JSON.stringify(await rate('EURUSD')));
  res.statusCode = req.url === '/healthz' ? 200 : 404;
  res.end();
}).listen(process.env.PORT);
