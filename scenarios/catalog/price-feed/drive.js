'use strict';

// Drives a price feed: an operation subscribes, waits for a price and leaves.

const http = require('node:http');

const url = process.env.LEAKCHECK_URL;
const operations = Number(process.env.LEAKCHECK_OPERATIONS);
const workers = Number(process.env.LEAKCHECK_WORKERS);
const first = Number(process.env.LEAKCHECK_FIRST);

function subscribe(seq) {
  return new Promise((resolve, reject) => {
    const req = http.get(`${url}/prices/${1 + seq % 50}/events`, { agent: false, timeout: 5000 }, (res) => {
      let text = '';
      res.on('data', (chunk) => {
        text += chunk;
        if (!text.includes('\n\n')) return;
        if (/^data: \d+$/m.test(text)) resolve();
        else reject(new Error('no price in the first event'));
        req.destroy();
      });
      res.on('close', () => reject(new Error(`status ${res.statusCode} and no event`)));
    });
    req.on('timeout', () => req.destroy(new Error('no event within 5 s')));
    req.on('error', reject);
  });
}

let next = 0;
async function worker() {
  while (next < operations) {
    const seq = first + next++;
    const began = performance.now();
    try {
      await subscribe(seq);
      console.log(JSON.stringify({ done: 1, latency_ms: [performance.now() - began] }));
    } catch (err) {
      console.log(JSON.stringify({ failed: 1, error: err.message }));
    }
  }
}

Promise.all(Array.from({ length: workers }, worker));
