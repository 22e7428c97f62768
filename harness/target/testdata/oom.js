// Fills its heap on the first request.
const kept = []
require('http').createServer(() => {
  for (;;) kept.push({ a: kept.length, b: [kept.length] })
}).listen(Number(process.env.PORT))
