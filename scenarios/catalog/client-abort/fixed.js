'use strict';

// Reports take a moment; the ones being made are listed for the operator.

const http = require('node:http');
const { setTimeout: sleep } = require('node:timers/promises');

const running = new Map();

async function report(req, res) {
  running.set(req.url, { res, startedAt: Date.now() });
  res.once('close', () => running.delete(req.url));
  await sleep(100); // the database
  if (!res.destroyed) res.end(JSON.stringify({ report: req.url, rows: 12 }));
}

http.createServer((req, res) => {
  if (req.url.startsWith('/reports/')) return report(req, res);
  if (req.url === '/ping') return res.end('pong');
  if (req.url === '/running') return res.end(JSON.stringify([...running.keys()]));
  res.statusCode = req.url === '/healthz' ? 200 : 404;
  res.end();
}).listen(process.env.PORT);
