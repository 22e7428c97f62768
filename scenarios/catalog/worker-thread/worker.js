'use strict';

// Counts words, and remembers what it has indexed.

const { parentPort } = require('node:worker_threads');

const indexed = new Map();

parentPort.on('message', ({ id, text }) => {
  const words = text.split(' ');
  indexed.set(id, { text, words });
  parentPort.postMessage({ id, words: words.length });
});
