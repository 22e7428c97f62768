'use strict';

// A gateway. All its calls can be cancelled at once, when it shuts down.

const http = require('node:http');

const shutdown = new AbortController();
process.once('SIGTERM', () => {
  shutdown.abort();
  process.exit();
});

const agent = { http: new http.Agent({ keepAlive: true }) };
const upstream = `http://127.0.0.1:${process.env.PORT}/price`;

async function quote(got, res) {
  const price = await got(upstream, { signal: shutdown.signal, agent }).json();
  res.end(JSON.stringify({ total: price.net * 1.2 }));
}

import(process.argv[2]).then(({ default: got }) => { // leaky or fixed
  http.createServer((req, res) => {
    if (req.url.startsWith('/quotes/')) return quote(got, res);
    if (req.url === '/price') return res.end(JSON.stringify({ net: 10 }));
    res.statusCode = req.url === '/healthz' ? 200 : 404;
    res.end();
  }).listen(process.env.PORT, '127.0.0.1');
});
