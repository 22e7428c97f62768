'use strict';

// Logs users in. A session is good for half an hour, which is looked at when it is used.

const crypto = require('node:crypto');
const http = require('node:http');

const lifetime = 30 * 60_000;
const sessions = new Map();

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
