// Serves on PORT, and ends in the way of the first argument: exit, throw or
// leak, which keeps what fills the heap. It does so from the 300th request on,
// or once the file in the second argument exists.
const [how, file] = process.argv.slice(2)
const fs = require('fs')
const kept = []
let n = 0

const ways = {
  exit: () => process.exit(3),
  throw: () => setImmediate(() => { throw new Error('on purpose') }),
  leak: () => kept.push(Array.from({ length: 20_000 }, (_, i) => ({ i }))),
}

require('http').createServer((req, res) => {
  n++
  if (file ? fs.existsSync(file) : n >= 300) ways[how]?.()
  res.end('ok')
}).listen(Number(process.env.PORT), '127.0.0.1', () => console.log('app: serving'))
