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
  '/context': () => begin(++contexts.last),
  '/log': () => console.log({ payload: Buffer.alloc(10_000).toString('hex') }),
  '/worker': () => kept.push(new Worker(require('path').join(__dirname, 'worker.js'))),
  '/blocked-worker': () => kept.push(new Worker(blocked, { eval: true, workerData: gate })),
  '/wake-worker': () => { Atomics.store(gate, 0, 1); Atomics.notify(gate, 0); },
  '/open': () => { for (let i = 0; i < 20; i++) kept.push(fs.openSync(__filename)); },
  '/hang': () => setImmediate(() => { for (;;); }),
  '/block': () => setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)),
};

// Sessions of a kind each: swept when they are too old, dropped by a timer, too
// old and never swept, and held by a timer of an hour which nobody clears.
const big = () => new Array(12_500).fill(Math.random());
const swept = new Map();
const dropped = new Map();
let session = 0;
routes['/swept'] = () => swept.set(++session, { at: Date.now(), big: big() });
routes['/dropped'] = () => {
  const id = ++session;
  dropped.set(id, big());
  setTimeout(() => dropped.delete(id), 60_000);
};
routes['/unswept'] = () => kept.push({ at: new Date(), big: big() });
routes['/uncleared'] = () => {
  const held = big();
  setTimeout(() => held.length, 3_600_000);
};
routes['/no-performance'] = () => delete globalThis.performance;
routes['/age'] = () => {}; // answered with what the clocks say
function sweep() {
  for (const [id, { at }] of swept) if (Date.now() - at > 1_800_000) swept.delete(id);
}
setTimeout(() => process.exit(9), 1_800_000); // nobody may come for so long
setTimeout(function again() {
  sweep();
  setTimeout(again, 900_000);
}, 900_000);
const begun = [Date.now(), performance.now(), process.hrtime(), process.hrtime.bigint()];
function ages() {
  const [s, ns] = process.hrtime(begun[2]);
  return [
    Date.now() - begun[0], new (new Date().constructor)() - begun[0], Date.parse(Date()) - begun[0], performance.now() - begun[1],
    s * 1e3 + ns / 1e6, Number(process.hrtime.bigint() - begun[3]) / 1e6,
  ];
}

// What pass puts into a container is taken out again, and what stay puts stays.
const contexts = Object.assign(new Map(), { last: 0 });
const members = new Set();
global.passed = []; // WeakRefs to keys
function pass(key) {
  contexts.set(key, {});
  members.add(key);
}
function stay(key) {
  contexts.set(key, {});
  members.add({ key });
}
function begin(id) {
  const visitor = { id };
  global.passed.push(new WeakRef(visitor));
  for (const key of [`a${id}`, `b${id}`, visitor]) {
    pass(key);
    contexts.delete(key);
    members.delete(key);
  }
  stay(id);
  stay(id); // is there already, for contexts
}

const server = http.createServer((request, response) => {
  if (request.url === '/hold') return response.write('never ends');
  routes[request.url]();
  response.end(request.url === '/age' ? JSON.stringify(ages()) : 'ok');
});
server.listen(0, '127.0.0.1', () => console.error('port', server.address().port));
