// Two processes serve, once both are up; they end under load.
const cluster = require('cluster')
if (cluster.isPrimary) {
  for (let i = 0; i < 2; i++) cluster.fork()
  cluster.on('exit', () => process.exit(3))
} else {
  require('./app.js')
}
