require('http').createServer().listen(0, '127.0.0.1', function () { console.log('port', this.address().port) })
