// A server with the fault that MODE names.
const mode = process.env.MODE ?? ''
const http = require('node:http')
let requests = 0
if (mode === 'dies') { console.error('no database'); process.exit(7) }
if (mode === 'leaves') process.exit(0)
if (mode === 'syntax') require('node:vm').runInThisContext('let let')
if (mode === 'heap') for (const all = []; ;) all.push([all.length])
if (mode === 'swallows') process.on('uncaughtException', () => {})
if (mode === 'nogc') delete globalThis.gc
const kept = []
const server = http.createServer((request, response) => {
  requests++
  const late = requests > 3000
  if (mode === 'exits' && late) process.exit(3)
  if (mode === 'killed' && late) process.kill(process.pid, 'SIGKILL')
  if (mode === 'hangs' && late) for (;;);
  if (mode === 'closes' && late) require('node:inspector').close()
  if (mode === 'swallows' && requests % 10 === 0) setImmediate(() => { throw new Error('swallowed') })
  if (mode === 'leaks') kept.push(new Array(500).fill(requests))
  if (mode === 'prints') console.log('x'.repeat(1000))
  if (mode === 'hostile') console.log('\x1b[2J\x07::error::x\n##[error]y')
  if (mode === 'hostile' && late) throw new Error('\x1b]0;title\x07 \u202e ::error::z')
  if (mode === '503') response.statusCode = 503
  if (mode === 'loop') { response.writeHead(302, { location: '/' }); return response.end() }
  if (mode === 'silent') return
  if (mode === 'resets') return request.socket.destroy()
  if (mode === 'garbage') return request.socket.end('\x00\x01 no HTTP\r\n\r\n')
  if (mode === 'halves') { response.writeHead(200, { 'content-length': 100 }); response.write('x'); return request.socket.destroy() }
  if (mode === 'trailing') return request.socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\nGARBAGE')
  if (mode === 'large') return response.end(Buffer.alloc(100e6))
  response.end('ok')
})
if (mode === 'limits') { server.maxRequestsPerSocket = 3; server.keepAliveTimeout = 5 }
const port = mode === 'elsewhere' ? 0 : process.env.PORT
if (mode === 'never') setInterval(() => {}, 1000)
else server.listen(port, mode === 'ipv6' ? '::1' : '127.0.0.1', () => console.log('ready'))
