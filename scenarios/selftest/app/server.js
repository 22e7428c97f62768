'use strict';

// An app that keeps a known number of bytes for each request to /keep, and
// nothing for others: LEAK is that number, 0 for a clean app.

const http = require('node:http');

const leak = Number(process.env.LEAK);
if (!(leak >= 0)) throw new Error(`LEAK=${process.env.LEAK}: want bytes per request`);

// What is kept are arrays of numbers, whose size in the heap is known: 512
// doubles, the array's store (16 bytes) and the array itself (32 bytes).
const pageEntries = 512;
const pageBytes = 8 * pageEntries + 16 + 32;
const pages = [];
let owed = 0;

function keep(bytes) {
  owed += bytes;
  while (owed >= pageBytes) {
    owed -= pageBytes;
    pages.push(new Array(pageEntries).fill(0.5));
  }
}

http.createServer((req, res) => {
  const [, section, id] = req.url.split('/');
  if (section === 'keep') keep(leak);
  if (section === 'keep' || section === 'plain') return res.end(JSON.stringify({ id, items: [1, 2, 3] }));
  res.statusCode = section === 'healthz' ? 200 : 404;
  res.end();
}).listen(process.env.PORT, '127.0.0.1');
