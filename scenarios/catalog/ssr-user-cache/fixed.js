'use strict';

// Server-side rendering with a store that was written for the browser.

const http = require('node:http');

const createStore = () => ({ users: new Map() });

function fetchUser(session) {
  return { session, name: `User ${session.slice(0, 8)}`, locale: 'en', cart: [], flags: { beta: false } };
}

function useUser(store, session) {
  if (!store.users.has(session)) store.users.set(session, fetchUser(session));
  return store.users.get(session);
}

function profile(session) {
  const user = useUser(createStore(), session); // a store for each request
  return `<main><h1>${user.name}</h1><p>${user.cart.length} items</p></main>`;
}

http.createServer((req, res) => {
  const session = /session=([\w-]+)/.exec(req.headers.cookie)?.[1] ?? 'guest';
  if (req.url === '/profile') return res.end(profile(session));
  if (req.url === '/about') return res.end('<main><h1>About us</h1></main>');
  res.statusCode = req.url === '/healthz' ? 200 : 404;
  res.end();
}).listen(process.env.PORT);
