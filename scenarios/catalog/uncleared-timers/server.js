'use strict';

// Reports the progress of jobs; a watcher looks at each one every minute.

const http = require('node:http');

function watch(job) {
  return setInterval(() => { job.checkedAt = Date.now(); }, 60_000);
}

function progress(id, res) {
  const job = { id, percent: id % 101, checkedAt: Date.now() };
  watch(job);
  res.end(JSON.stringify(job));
}

http.createServer((req, res) => {
  const [, section, id] = req.url.split('/');
  if (section === 'jobs') return progress(Number(id), res);
  if (section === 'queues') return res.end('["mail","reports"]');
  res.statusCode = section === 'healthz' ? 200 : 404;
  res.end();
}).listen(process.env.PORT);
