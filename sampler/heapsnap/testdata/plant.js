'use strict'
// Plants a secret in each kind of place that a snapshot has strings for. Each
// secret is made at run time, of parts, so that only data holds it.
const v8 = require('node:v8')
let next = 0
const secret = kind => [['pl', 'nted'].join('a'), kind, next++].join(' ') // joined: in one piece
const word = kind => [['pl', 'nted'].join('a'), kind[0].toUpperCase(), kind.slice(1), 779000 + next++].join('') // as an identifier may be
const kept = globalThis.kept = []
const keep = (kind, value) => kept.push(value)

keep('string', { text: secret('string') })
keep('regexp', new RegExp(secret('regexp'), 'gi'))
keep('regexpLastInput', (() => { const r = /ab/g; r.exec(secret('regexpInput') + ' ab'); return r })())
keep('symbol', Symbol(secret('symbol')))
keep('symbolFor', Symbol.for(secret('symbolFor')))
keep('symbolKey', { [Symbol(secret('symbolKey'))]: 1 })
keep('symbolKeyWord', { [Symbol(word('symbolWord'))]: 1 })
keep('bigint', BigInt('70000000000000000123456789'))
keep('number', { amount: 123456789.5625 })
keep('key', { [secret('key')]: 1 })
keep('keyWord', { [word('keyWord')]: 1 })
keep('mapKey', new Map([[secret('mapKey'), 1]]))
keep('setValue', new Set([secret('setValue')]))
keep('weakKeyRegexp', (() => { const k = new RegExp(secret('weakKey')); keep('k', k); const v = new RegExp(secret('weakValue')); return new WeakMap([[k, v]]) })())
keep('weakKeySymbol', (() => { const k = { a: 1 }; keep('k', k); return new WeakMap([[k, secret('weakString')]]) })())
keep('cons', (() => { let s = secret('consLeft'); s += secret('consRight').repeat(2); return s })())
keep('sliced', secret('sliced').repeat(10).slice(1, 60))
keep('external', Buffer.from(secret('external').repeat(60000)).toString('latin1'))
keep('twoByte', secret('twoByte') + '\u4e2d')
keep('error', new Error(secret('error')))
keep('errorStack', (() => { const e = new Error(secret('errorStack')); void e.stack; return e })())
keep('errorName', (() => { const e = new Error('x'); e.name = secret('errorName'); return e })())
keep('json', JSON.parse(JSON.stringify({ 4012888: secret('json'), [secret('jsonKey')]: { 5012888: secret('jsonInner') } })))
keep('template', (() => { const f = s => s; return eval('f`' + secret('template') + ' ${1} x`') , eval('(s => s)`' + secret('templateCache') + ' ${1}`') })())
keep('toStringTag', Object.create({}, { [Symbol.toStringTag]: { value: secret('toStringTag') } }))
keep('toStringTag2', (() => { class A {} ; A.prototype[Symbol.toStringTag] = secret('tagOfClass'); return [new A(), A] })())
keep('fnName', Object.defineProperty(() => 1, 'name', { value: secret('fnName') }))
keep('computedMethod', { [secret('method')]() {} })
keep('computedClass', (() => { const k = secret('class'); const C = ({ [k]: class {} })[k]; return [C, new C()] })())
keep('ctorName', (() => { function C() {} Object.defineProperty(C, 'name', { value: secret('ctorName') }); return [C, new C()] })())
keep('newFunction', new Function('return "' + secret('newFunction') + '"'))
keep('bound', (() => { const f = Object.defineProperty(function () {}, 'name', { value: secret('bound') }); return f.bind(null, secret('boundArgument')) })())
keep('vm', new (require('node:vm').Script)('1 + 1 // ' + secret('vmSource'), { filename: '/srv/vm.js?token=' + secret('vmQuery') }))
keep('vmFn', require('node:vm').runInThisContext('(() => 1) //# sourceURL=' + 'https://host/x.js?token=' + word('sourceURL')))
keep('vmMap', require('node:vm').runInThisContext('(() => 1) //# sourceMappingURL=data:application/json;base64,' + word('sourceMappingURL')))
keep('vmCtx', require('node:vm').createContext({ [secret('contextKey')]: secret('contextValue') }, { name: secret('contextName'), origin: 'https://' + word('contextOrigin') }))
keep('date', new Date(1234567890123))
keep('urls', new URL('https://user:' + word('urlPassword') + '@host/' + word('urlPath') + '?q=' + word('urlQuery')))
keep('headers', new Headers({ authorization: secret('header') }))
keep('buffer', Buffer.from(secret('buffer')))
keep('promise', Promise.resolve(secret('promise')))
const rejected = Promise.reject(new Error(secret('rejection'))); rejected.catch(() => {}); keep('rejected', rejected)
keep('proxy', new Proxy({ a: secret('proxyTarget') }, { get() {} }))
keep('generator', (function * (a) { yield a })(secret('generator')))
keep('asyncLocal', (() => { const als = new (require('node:async_hooks').AsyncLocalStorage)({ name: secret('alsName') }); als.enterWith(secret('als')); return als })())
keep('args', (function () { return arguments })(secret('arguments')))
keep('accessor', Object.defineProperty({}, secret('accessor'), { get() { return 1 }, enumerable: true, configurable: true }))
keep('private', (() => { class P { #hidden = secret('privateField') } return new P() })())
keep('intl', (() => { const d = new Intl.NumberFormat('de', { style: 'currency', currency: 'EUR' }); return d })())
keep('weakref', new WeakRef({ a: secret('weakref') }))
keep('finalization', (() => { const r = new FinalizationRegistry(() => {}); const o = {}; keep('o', o); r.register(o, secret('finalization')); return r })())
keep('resource', new (require('node:async_hooks').AsyncResource)(word('asyncResource')))
keep('env', process.env)
keep('worker', new (require('node:worker_threads').BroadcastChannel)(secret('broadcast'))); kept.at(-1).unref()
keep('mark', performance.mark(secret('mark')))
console.log(secret('console'), { logged: secret('consoleObject') })
console.time(secret('consoleTime'))
console.count(secret('consoleCount'))

// wasm: module with a function name in the name section, an import and an export
const str = s => [s.length, ...Buffer.from(s)]
const section = (id, bytes) => [id, bytes.length, ...bytes]
const wasmWord = k => 'pl' + 'anted' + k
const wasm = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0,
  ...section(1, [1, 0x60, 0, 0]),
  ...section(2, [1, ...str(wasmWord(' wasmModule')), ...str(wasmWord(' wasmImport')), 0, 0]),
  ...section(3, [1, 0]),
  ...section(7, [1, ...str(wasmWord(' wasmExport')), 0, 1]),
  ...section(10, [1, 2, 0, 0x0b]),
  ...section(0, [...str('name'), 0, 1 + wasmWord(' wasmName').length, ...str(wasmWord(' wasmName')), 1, 3 + wasmWord(' wasmFunction').length, 1, 1, ...str(wasmWord(' wasmFunction'))])
])
const module_ = new WebAssembly.Module(wasm)
keep('wasm', new WebAssembly.Instance(module_, { [wasmWord(' wasmModule')]: { [wasmWord(' wasmImport')]: function () {} } }))
keep('wasmModule', module_)
kept[kept.length - 2].exports[wasmWord(' wasmExport')]()
;(async () => {
  keep('module', await import('data:text/javascript,export const value = "' + word('moduleSource') + '"; export function f() {}'))
  keep('blob', new Blob([secret('blob')]))
  keep('abort', AbortSignal.abort(secret('abort')))
  const server = require('node:http').createServer((q, s) => s.end('x')).listen(0, '127.0.0.1', () => {
    require('node:http').get({ port: server.address().port, path: '/?token=' + word('httpPath'), headers: { authorization: secret('httpHeader'), [word('httpHeaderName')]: '1' }, agent: new (require('node:http').Agent)({ keepAlive: true }) }, res => {
      res.resume().on('end', () => {
        keep('res', res)
        // leakcheck's own way: through the inspector
        if (process.argv[3] === 'inspector') {
          const s = new (require('node:inspector').Session)(); s.connect()
          const out = require('node:fs').openSync(process.argv[2], 'w')
          s.on('HeapProfiler.addHeapSnapshotChunk', m => require('node:fs').writeSync(out, m.params.chunk))
          s.post('HeapProfiler.startTrackingHeapObjects', { trackAllocations: true }, () => {
            keep('tracked', { text: secret('tracked') })
            s.post('HeapProfiler.takeHeapSnapshot', { exposeInternals: true, captureNumericValue: true }, () => process.exit())
          })
        } else {
          v8.writeHeapSnapshot(process.argv[2], { exposeInternals: true, exposeNumericValues: true }); process.exit()
        }
      })
    })
  })
})()
