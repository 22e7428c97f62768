// Keeps secrets of each kind that an app has in its heap.
const kept = []
const byKey = {}
let n = 0
function keep (req) {
  const seen = `planted-closure-${++n}`
  byKey[`planted-key-${n}`] = n
  kept.push({
    card: `planted-object-${n}`,
    url: new URL(`http://user:planted-url@shop.local/items/${n}?token=planted-url-${n}`),
    headers: req.headers,
    test: () => seen.length
  })
}
require('node:http').createServer((req, res) => {
  if (req.url.startsWith('/keep')) keep(req)
  res.end('ok')
}).listen(process.env.PORT, '127.0.0.1')
