'use strict';

// A search that keeps what was asked, for the page with today's statistics.

const http = require('node:http');

const requests = [];
const maxRequests = 1000;
let searches = 0;

function record(req, query) {
  requests.push({ at: Date.now(), method: req.method, query, agent: req.headers['user-agent'], took: process.hrtime() });
  if (requests.length > maxRequests) requests.shift();
  searches++;
}

function search(query) {
  return { query, hits: Array.from(query, (letter, i) => `${letter}${i}`) };
}

function statistics() {
  return { searches, last: requests.slice(-10) };
}

http.createServer((req, res) => {
  const { pathname, searchParams } = new URL(req.url, 'http://search.local');
  const query = searchParams.get('q') ?? '';
  if (pathname === '/search') {
    record(req, query);
    return res.end(JSON.stringify(search(query)));
  }
  if (pathname === '/suggest') return res.end(JSON.stringify([`${query}a`, `${query}b`]));
  if (pathname === '/statistics') return res.end(JSON.stringify(statistics()));
  res.statusCode = pathname === '/healthz' ? 200 : 404;
  res.end();
}).listen(process.env.PORT);
