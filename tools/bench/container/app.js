// The least that a server can do; it notes when its first request of load came.
let first = true;
require('node:http').createServer((request, response) => {
  if (first && request.url === '/load') {
    first = false;
    console.log(`load ${Date.now()}`);
  }
  response.end('hello');
}).listen(process.env.PORT);
