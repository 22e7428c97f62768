'use strict';

// Answers prices from a 10 MB table that is loaded anew every 250 lookups.

const http = require('node:http');
const { setTimeout: sleep } = require('node:timers/promises');

const tableBytes = 10_000_000;
const lookupsPerTable = 250;

const checks = [];
let prices;
let lookups = 0;

function loadPrices() {
  const table = Buffer.alloc(tableBytes);
  for (let i = 0; i < 1000; i++) table.writeUInt32LE(100 + i, i * 4);
  checks.push(() => table.length === tableBytes);
  prices = table;
}

async function priceOf(id) {
  if (lookups++ % lookupsPerTable === 0) loadPrices();
  await sleep(20); // the stock level, from another service
  return prices.readUInt32LE((id % 1000) * 4);
}

const healthy = () => checks.every((check) => check());

http.createServer(async (req, res) => {
  if (req.url.startsWith('/price/')) return res.end(String(await priceOf(Number(req.url.slice(7)))));
  if (req.url === '/currencies') return res.end('EUR,USD,GBP');
  res.statusCode = req.url === '/healthz' && healthy() ? 200 : 404;
  res.end();
}).listen(process.env.PORT);
