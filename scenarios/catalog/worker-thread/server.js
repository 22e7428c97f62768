'use strict';

// Hands documents to an indexing worker, whose file is the first argument.

const http = require('node:http');
const path = require('node:path');
const { Worker } = require('node:worker_threads');

const worker = new Worker(path.join(__dirname, process.argv[2]));
const waiting = new Map();

worker.on('message', ({ id, words }) => {
  waiting.get(id).end(String(words));
  waiting.delete(id);
});

http.createServer((req, res) => {
  if (req.url.startsWith('/index/')) {
    const id = Number(req.url.slice(7));
    waiting.set(id, res);
    return worker.postMessage({ id, text: `document ${id} has a few words in it` });
  }
  if (req.url === '/languages') return res.end('["en","de"]');
  res.statusCode = req.url === '/healthz' ? 200 : 404;
  res.end();
}).listen(process.env.PORT);
