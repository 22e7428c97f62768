// Serves, and leaves a grandchild in a session of its own without a parent.
const { spawn } = require('child_process')
const script = 'setInterval(() => {}, 1000)'
const middle = `const c = require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(script)}], { detached: true, stdio: 'ignore' }); c.unref(); console.log('daemon ' + c.pid + '.')`
spawn(process.execPath, ['-e', middle], { stdio: 'inherit' }).on('exit', () => require('./plain.js'))
