'use strict';

// Loads each route when it is first asked for, so that the start is quick.

const http = require('node:http');

const routes = new Set(['invoices', 'payments', 'taxes', 'refunds']);

http.createServer((req, res) => {
  const name = req.url.slice(1);
  if (routes.has(name)) return res.end(require(`./routes/${name}`)());
  if (name === 'status') return res.end('{"open":true}');
  res.statusCode = name === 'healthz' ? 200 : 404;
  res.end();
}).listen(process.env.PORT);
