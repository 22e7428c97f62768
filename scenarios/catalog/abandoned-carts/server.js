'use strict';

// A shop: a cart is opened, filled and checked out, or left.

const http = require('node:http');
const crypto = require('node:crypto');

const carts = new Map();

function open(res) {
  const id = crypto.randomUUID();
  carts.set(id, []);
  res.writeHead(201, { 'Set-Cookie': `cart=${id}; Path=/; HttpOnly` });
  res.end(JSON.stringify({ id, items: 0 }));
}

function add(cart, item, res) {
  cart.push({ item, quantity: 1, price: 9.99 });
  res.end(JSON.stringify({ items: cart.length }));
}

function checkout(id, res) {
  carts.delete(id);
  res.end('{"ordered":true}');
}

http.createServer((req, res) => {
  const [, section, item] = req.url.split('/');
  if (section === 'healthz' || section === 'products') return res.end('ok');
  if (section === 'cart' && req.method === 'POST') return open(res);
  const id = req.headers.cookie?.match(/cart=([^;]+)/)?.[1];
  const cart = carts.get(id);
  if (!cart) return res.writeHead(409).end('no cart');
  if (section === 'items') return add(cart, item, res);
  if (section === 'checkout') return checkout(id, res);
  res.writeHead(404).end();
}).listen(process.env.PORT);
