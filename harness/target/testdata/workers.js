// A cluster of two, which prints its port, its primary's inspector, and each
// worker's pid and inspector.
const cluster = require('cluster')
const { url } = require('inspector')

if (cluster.isPrimary) {
  const told = []
  const tell = (worker, { port, at }) => {
    told.push([worker.process.pid, at])
    if (told.length < 2) return
    told.sort((a, b) => a[0] - b[0])
    console.log(port, url(), ...told.flat())
  }
  cluster.on('message', tell)
  cluster.fork()
  cluster.fork()
} else {
  const server = require('http').createServer((req, res) => res.end())
  server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port, at: url() }))
}
