'use strict';

// A small shop: a start page, products, a search and a cart.

const http = require('node:http');

const products = [];
for (let id = 1; id <= 200; id++) {
  products.push({ id, name: `Product ${id}`, price: 5 + (id % 40) });
}

const carts = new Map();
const maxCarts = 1000; // older ones are in the database
let lastCart = 0;

function openCart({ product }) {
  const cart = { id: ++lastCart, openedAt: new Date(), items: [{ product, quantity: 1 }] };
  carts.set(cart.id, cart);
  if (carts.size > maxCarts) carts.delete(carts.keys().next().value);
  return cart;
}

function search(query) {
  return products.filter((product) => product.name.includes(query)).slice(0, 10);
}

async function readJSON(req) {
  let text = '';
  for await (const chunk of req) text += chunk;
  return JSON.parse(text);
}

function send(res, status, body) {
  res.writeHead(status, { 'Content-Type': 'application/json' });
  res.end(JSON.stringify(body));
}

async function handle(req, res) {
  const url = new URL(req.url, 'http://shop.local');
  if (url.pathname === '/healthz') return send(res, 200, { ok: true });
  if (url.pathname === '/') return send(res, 200, { products: products.length, carts: carts.size });
  if (url.pathname === '/search') return send(res, 200, search(url.searchParams.get('q')));
  if (url.pathname === '/cart' && req.method === 'POST') return send(res, 201, openCart(await readJSON(req)));
  const product = products[Number(url.pathname.slice('/products/'.length)) - 1];
  return product ? send(res, 200, product) : send(res, 404, { error: 'not found' });
}

http.createServer((req, res) => {
  handle(req, res).catch((err) => send(res, 500, { error: err.message }));
}).listen(process.env.PORT);
