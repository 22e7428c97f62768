// Keeps secrets of each kind that an app has in its heap. None stands in its code,
// which reports show.
const kept = []
const byKey = {}
let n = 0
const secret = (kind) => ['planted', kind].join('-')
function keep (req) {
  const seen = `${secret('closure')}-${++n}`
  byKey[`${secret('key')}-${n}`] = n
  kept.push({
    card: `${secret('object')}-${n}`,
    url: new URL(`http://user:${secret('url')}@shop.local/items/${n}?token=${secret('url')}-${n}`),
    headers: req.headers,
    path: req.url,
    pattern: new RegExp(`${secret('regexp')}-${n}`),
    [Symbol(`${secret('symbol')}-${n}`)]: n,
    test: () => seen.length
  })
}
require('node:http').createServer((req, res) => {
  if (req.url.startsWith('/keep')) keep(req)
  res.end(JSON.stringify({ token: secret('token') }))
}).listen(process.env.PORT, '127.0.0.1')
