'use strict';

// Takes orders, and records the state of the process for a dashboard.

const http = require('node:http');
const os = require('node:os');

const samples = [];
const maxSamples = 100; // the dashboard shows five seconds

function record() {
  const sample = { at: new Date(), memory: process.memoryUsage(), cpu: process.cpuUsage(), load: os.loadavg() };
  samples.push(JSON.stringify({ ...sample, usage: process.resourceUsage() }));
  if (samples.length > maxSamples) samples.shift();
}

setInterval(record, 50);

http.createServer((req, res) => {
  if (req.url.startsWith('/orders/')) return res.end(JSON.stringify({ id: req.url.slice(8), state: 'paid' }));
  if (req.url === '/status') return res.end(samples[samples.length - 1]);
  res.statusCode = req.url === '/healthz' ? 200 : 404;
  res.end();
}).listen(process.env.PORT);
