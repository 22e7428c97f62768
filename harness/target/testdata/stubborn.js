process.on('SIGTERM', () => console.log('not now'))
require('./plain.js')
