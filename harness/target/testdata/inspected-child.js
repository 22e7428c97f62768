// Serves, with a child whose inspector is open to other machines.
const { spawn } = require('node:child_process')
const { createServer } = require('node:http')

const code = "require('node:inspector').close(); require('node:inspector').open(0, '0.0.0.0'); process.stdout.write('open'); setInterval(() => {}, 1000)"
const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
child.stdout.once('data', () => {
  createServer((request, response) => response.end()).listen(process.env.PORT, '127.0.0.1')
})
