require('child_process').fork(__dirname + '/plain.js')
