'use strict';

// Logs users in. A session is good for half an hour. A sweep removes the old ones.

const crypto = require('node:crypto');
const http = require('node:http');

const lifetime = 30 * 60_000;
const sessions = new Map();

function sweep() {
  const now = Date.now();
  for (const [id, session] of sessions) {
    if (session.expires > now) return; // in order of their expiry
    sessions.delete(id);
  }
}

setInterval(sweep, 60_000);

function login(res) {
  const id = crypto.randomUUID();
  sessions.set(id, { id, user: 'ada', expires: Date.now() + lifetime });
  res.end(JSON.stringify({ session: id }));
}

function visit(id, res) {
  const session = sessions.get(id);
  if (session && session.expires > Date.now()) return res.end(session.user);
  sessions.delete(id);
  res.end('please log in');
}

http.createServer((req, res) => {
  const [, section, id] = req.url.split('/');
  if (section === 'login') return login(res);
  if (section === 'visit') return visit(id, res);
  res.statusCode = section === 'healthz' ? 200 : 404;
  res.end();
}).listen(process.env.PORT);
