'use strict';

// Counts words, and remembers the latest of what it has indexed.

const { parentPort } = require('node:worker_threads');

const indexed = new Map();
const maxIndexed = 500;

parentPort.on('message', ({ id, text }) => {
  const words = text.split(' ');
  indexed.set(id, { text, words });
  if (indexed.size > maxIndexed) indexed.delete(indexed.keys().next().value);
  parentPort.postMessage({ id, words: words.length });
});
