'use strict';

// Traces payments. The collector takes 20,000 spans a day and refuses the rest.

const http = require('node:http');

const dailyQuota = 20_000;
let exported = 0;
const retries = [];

function sendSpan(span) {
  if (exported >= dailyQuota) return false;
  exported++;
  return true;
}

function trace(name) {
  const span = { name, id: process.hrtime.bigint(), at: new Date(), attributes: { currency: 'EUR', attempt: 1 } };
  if (!sendSpan(span)) retries.push(span);
}

http.createServer((req, res) => {
  if (req.url === '/pay') {
    trace('payment');
    return res.end('{"paid":true}');
  }
  if (req.url === '/rates') return res.end('{"EUR":1,"USD":1.08}');
  res.statusCode = req.url === '/healthz' ? 200 : 404;
  res.end();
}).listen(process.env.PORT);
