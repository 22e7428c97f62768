// Prints what it was started with, and ends under load.
const { PORT, TOKEN } = process.env
let n = 0
require('http').createServer((req, res) => {
  if (++n >= 20) process.exit(3)
  res.end('ok')
}).listen(Number(PORT), '127.0.0.1', () => {
  console.log(`argument ${process.argv[2] === 'arg-secret:' + PORT}, token ${TOKEN}`)
})
