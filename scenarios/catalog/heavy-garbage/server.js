'use strict';

// Aggregates a table for each request, the wasteful way.

const http = require('node:http');

function rowsOf(id) {
  return Array.from({ length: 2000 }, (_, i) => ({ id: i, group: `group ${i % 10}`, amount: (id + i) % 97 }));
}

function report(id) {
  const rows = JSON.parse(JSON.stringify(rowsOf(id)));
  const totals = {};
  for (const row of rows) totals[row.group] = (totals[row.group] ?? 0) + row.amount;
  return totals;
}

http.createServer((req, res) => {
  if (req.url.startsWith('/report/')) return res.end(JSON.stringify(report(Number(req.url.slice(8)))));
  if (req.url === '/status') return res.end('{"open":true}');
  res.statusCode = req.url === '/healthz' ? 200 : 404;
  res.end();
}).listen(process.env.PORT);
