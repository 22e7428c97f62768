'use strict';

// Logs users in. A session lives for two seconds, and a sweep removes the old ones.

const crypto = require('node:crypto');
const http = require('node:http');

const lifetime = 2000;
const sessions = new Map();

function sweep() {
  const now = Date.now();
  for (const [id, session] of sessions) {
    if (session.expires > now) return; // in order of their expiry
    sessions.delete(id);
  }
}

setInterval(sweep, 100);

function login(res) {
  crypto.pbkdf2('secret', 'salt', 10_000, 32, 'sha256', (err) => {
    if (err) return res.writeHead(500).end();
    const id = crypto.randomUUID();
    sessions.set(id, { id, user: 'ada', expires: Date.now() + lifetime });
    res.end(JSON.stringify({ session: id }));
  });
}

http.createServer((req, res) => {
  if (req.url === '/login') return login(res);
  if (req.url === '/status') return res.end(String(sessions.size));
  res.statusCode = req.url === '/healthz' ? 200 : 404;
  res.end();
}).listen(process.env.PORT);
