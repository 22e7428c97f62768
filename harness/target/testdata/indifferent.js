// A wrapper that outlives its server.
require('child_process').fork(__dirname + '/plain.js')
setInterval(() => {}, 1000)
