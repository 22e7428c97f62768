'use strict';

// A small bank: accounts can be seen after a login, and who looked is noted.

const http = require('node:http');
const crypto = require('node:crypto');

const sessions = new Map();
const looked = [];
const maxLooked = 1000;

function login(res) {
  const token = crypto.randomUUID();
  sessions.set(token, { user: 'alice' });
  res.setHeader('Content-Type', 'application/json');
  res.end(JSON.stringify({ token }));
}

function account(session, id, res) {
  looked.push({ user: session.user, account: id, at: Date.now() });
  if (looked.length > maxLooked) looked.shift();
  res.end(JSON.stringify({ id, balance: 100 }));
}

http.createServer((req, res) => {
  if (req.url === '/healthz') return res.end('ok');
  if (req.url === '/login' && req.method === 'POST') return login(res);
  const session = sessions.get(req.headers.authorization?.slice('Bearer '.length));
  if (!session) return res.writeHead(401).end();
  const [, section, id] = req.url.split('/');
  if (section === 'accounts') return account(session, id, res);
  if (section === 'profile') return res.end(JSON.stringify(session));
  res.writeHead(404).end();
}).listen(process.env.PORT);
