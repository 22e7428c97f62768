// A server whose endpoints each do to it what one test is about.
const http = require('http');
const fs = require('fs');
const { Worker } = require('worker_threads');

const kept = [];
const gate = new Int32Array(new SharedArrayBuffer(4));
// Waits at the gate, and then keeps 1 MB.
const blocked = `Atomics.wait(require('worker_threads').workerData, 0, 0);
  globalThis.kept = new Array(125_000).fill(0.5); setInterval(() => {}, 1e6)`;
const routes = {
  '/healthy': () => {},
  '/leak': () => kept.push(new Array(125_000).fill(kept.length + 0.5)),
  '/log': () => console.log({ payload: Buffer.alloc(10_000).toString('hex') }),
  '/worker': () => kept.push(new Worker(require('path').join(__dirname, 'worker.js'))),
  '/blocked-worker': () => kept.push(new Worker(blocked, { eval: true, workerData: gate })),
  '/wake-worker': () => { Atomics.store(gate, 0, 1); Atomics.notify(gate, 0); },
  '/open': () => { for (let i = 0; i < 20; i++) kept.push(fs.openSync(__filename)); },
  '/hang': () => setImmediate(() => { for (;;); }),
  '/block': () => setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)),
};

const server = http.createServer((request, response) => {
  if (request.url === '/hold') return response.write('never ends');
  routes[request.url]();
  response.end('ok');
});
server.listen(0, '127.0.0.1', () => console.error('port', server.address().port));
