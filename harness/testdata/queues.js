// Queues a job with each request, and does five hundred of them a second.
const jobs = [];

setInterval(() => jobs.splice(0, 10), 20);

require('node:http').createServer((req, res) => {
  jobs.push({ at: Date.now(), body: new Array(40).fill(Math.random()) });
  res.end('ok');
}).listen(process.env.PORT, '127.0.0.1');
