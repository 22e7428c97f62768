// Serves on PORT. Paths: /crash exits with 3, /env answers with a variable.
const http = require('http')
http.createServer((req, res) => {
  const url = new URL(req.url, 'http://x')
  if (url.pathname === '/crash') process.exit(3)
  if (url.pathname === '/broken') res.statusCode = 503
  if (url.pathname === '/moved') res.writeHead(302, { location: '/broken' })
  if (url.pathname === '/env') return res.end(process.env[url.searchParams.get('name')])
  if (url.pathname === '/gc') return res.end(typeof globalThis.gc)
  res.end(String(process.pid))
}).listen(Number(process.env.PORT), process.env.HOST || undefined, () => console.log('ready to serve'))
