'use strict';

// A shop that learns what is bought after what was looked at.

const http = require('node:http');
const crypto = require('node:crypto');

let lookedAt = null; // by whoever came last
const bought = []; // what was bought after it

function look(id, res) {
  lookedAt = { id, at: Date.now(), visit: crypto.randomUUID() };
  res.end(JSON.stringify({ id, price: 9.99 }));
}

function buy(id, res) {
  if (lookedAt) bought.push({ after: lookedAt, id, order: crypto.randomUUID() });
  lookedAt = null;
  res.end('{"ordered":true}');
}

http.createServer((req, res) => {
  const [, section, id] = req.url.split('/');
  if (section === 'healthz') return res.end('ok');
  if (section === 'products') return look(id, res);
  if (section === 'orders') return buy(id, res);
  res.writeHead(404).end();
}).listen(process.env.PORT);
