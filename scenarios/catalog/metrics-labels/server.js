'use strict';

// Counts requests by route, method and tenant, with a histogram for each.

const http = require('node:http');

const buckets = [0.1, 0.5, 1, 5, 10, 50, 100, 500, 1000];
const histograms = new Map();

function observe(labels, milliseconds) {
  let histogram = histograms.get(labels);
  if (!histogram) {
    histogram = { labels, count: 0, sum: 0, counts: new Array(buckets.length + 1).fill(0) };
    histograms.set(labels, histogram);
  }
  const bucket = buckets.findIndex((limit) => milliseconds <= limit);
  histogram.counts[bucket < 0 ? buckets.length : bucket]++;
  histogram.count++;
  histogram.sum += milliseconds;
}

http.createServer((req, res) => {
  const started = performance.now();
  const [, section, tenant] = req.url.split('/');
  if (section === 'tenants') {
    res.end(JSON.stringify({ tenant, requests: 10 }));
    return observe(`GET /tenants/:id/usage ${tenant}`, performance.now() - started);
  }
  if (section === 'plans') return res.end('["free","team"]');
  res.statusCode = section === 'healthz' ? 200 : 404;
  res.end();
}).listen(process.env.PORT);
