// Fills a heap with what servers keep, and writes a snapshot of it, or waits for
// an inspector to take one when PORT is set.
const [file, count] = process.argv.slice(2)
class Session {
  constructor (i) {
    this.id = 'session-' + i
    this.user = { name: 'user ' + i % 5000, roles: ['a', 'b'] }
    this.touch = () => this.id
  }
}
const sessions = new Map()
const log = []
let newest = null
for (let i = 0; i < Number(count); i++) {
  sessions.set('s' + i, new Session(i))
  log.push({ url: '/items/' + i, status: i % 500, headers: { host: 'example.com', accept: '*/*' } })
  newest = { value: i, older: newest, newer: null }
  if (newest.older) newest.older.newer = newest
}
globalThis.kept = [sessions, log, newest]
if (process.env.PORT) {
  require('node:http').createServer((_, res) => res.end()).listen(process.env.PORT, '127.0.0.1')
} else {
  require('node:v8').writeHeapSnapshot(file)
}
