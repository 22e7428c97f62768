// A program with some of everything that a heap can hold. It writes a snapshot
// of itself to the file that it is given.
'use strict'
const requestLogs = []
const sessions = new Map()
const details = new WeakMap()
const listeners = new (require('node:events'))()
listeners.setMaxListeners(0)

class Session {
  #secret = 'secret-' + Math.random()
  constructor (id) {
    this.id = id
    this.buffer = Buffer.alloc(100)
    this.reveal = () => this.#secret
  }
}

function handle (i) {
  const request = { url: '/items/' + i, timestamp: Date.now(), userAgent: `agent ${i}` }
  requestLogs.push(request)
  const session = new Session(i)
  sessions.set('session' + i, session)
  details.set(session, { request, i })
  if (i % 10 === 0) listeners.on('data', function onData () { return request })
  if (i % 50 === 0) setInterval(() => session, 1e6).unref()
}

for (let i = 0; i < Number(process.argv[3] ?? 1000); i++) handle(i)

globalThis.kept = {
  dictionary: Object.fromEntries(Array.from({ length: 500 }, (_, i) => ['key ' + i, { value: i }])),
  shapes: Array.from({ length: 300 }, (_, i) => i % 3 ? { a: 1, b: i } : { a: 1, b: i, c: 3, 'odd, "name"': {} }),
  long: Array.from({ length: 20 }, (_, i) => Object.fromEntries(Array.from({ length: 30 }, (_, k) => ['property' + k, i]))),
  strings: ['ä€😀', 'x'.repeat(5000), '\u0000"\\', 'left' + process.pid],
  typed: [new Float64Array(100), new SharedArrayBuffer(64), new DataView(new ArrayBuffer(8))],
  others: [Symbol('s'), 10n ** 30n, /re/g, new Date(), new Proxy({}, {}), new Set([{}]), new WeakRef({}), Promise.resolve(1)],
  pending: Array.from({ length: 100 }, () => new Promise(() => {})),
  generator: (function * () { yield 1 })(),
  cycle: {}
}
globalThis.kept.cycle.self = globalThis.kept.cycle
globalThis.kept.handle = handle

require('node:v8').writeHeapSnapshot(process.argv[2])
process.exit()
