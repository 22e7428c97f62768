'use strict'

// Counts the requests that it sees, and those whose client went away: over
// HTTP/1.1 on the first port that it prints, over HTTP/2 on the second. On the
// third it says both counts.

const http = require('node:http')
const http2 = require('node:http2')

let seen = 0
let gone = 0

function serve(request, response) {
  seen++
  request.once('aborted', () => gone++)
  request.once('error', () => {})
  request.once('end', () => response.end('x'.repeat(2000)))
  request.resume()
}

const servers = [
  http.createServer(serve),
  http2.createServer(serve),
  http.createServer((request, response) => response.end(JSON.stringify({ seen, gone })))
]
Promise.all(servers.map((s) => new Promise((listening) => s.listen(0, '127.0.0.1', () => listening(s.address().port)))))
  .then((ports) => console.log(JSON.stringify(ports)))
