// Keeps 1 MB, and runs as long as its parent.
const { parentPort } = require('worker_threads');
globalThis.kept = new Array(125_000).fill(0.5);
parentPort.on('message', () => {});
