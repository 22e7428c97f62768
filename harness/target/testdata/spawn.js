const child = require('child_process').spawn('node', [__dirname + '/plain.js'], { stdio: 'inherit' })
child.on('exit', (code) => process.exit(code))
