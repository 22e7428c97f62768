'use strict';

// Serves users through a least-recently-used cache of 5,000 entries.

const http = require('node:http');

class LRU {
  #entries = new Map();
  #capacity;

  constructor(capacity) {
    this.#capacity = capacity;
  }

  get(key) {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  set(key, value) {
    this.#entries.set(key, value);
    if (this.#entries.size > this.#capacity) this.#entries.delete(this.#entries.keys().next().value);
  }
}

const users = new LRU(5000);

function userOf(id) {
  let user = users.get(id);
  if (!user) {
    user = { id, name: `User ${id}`, groups: ['staff'], loadedAt: Date.now() };
    users.set(id, user);
  }
  return user;
}

http.createServer((req, res) => {
  if (req.url.startsWith('/users/')) return res.end(JSON.stringify(userOf(Number(req.url.slice(7)))));
  if (req.url === '/status') return res.end('{"open":true}');
  res.statusCode = req.url === '/healthz' ? 200 : 404;
  res.end();
}).listen(process.env.PORT);
