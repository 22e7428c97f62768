'use strict';

// Prices over server-sent events: a subscriber gets the last price, then each new one.

const http = require('node:http');

const feeds = new Map();

function feedOf(symbol) {
  let feed = feeds.get(symbol);
  if (!feed) feeds.set(symbol, feed = { price: 100, subscribers: new Set() });
  return feed;
}

function subscribe(feed, res) {
  res.writeHead(200, { 'Content-Type': 'text/event-stream' });
  res.write(`data: ${feed.price}\n\n`);
  feed.subscribers.add(res);
  res.once('close', () => feed.subscribers.delete(res));
}

async function publish(feed, req, res) {
  let price = '';
  for await (const chunk of req) price += chunk;
  feed.price = Number(price);
  for (const subscriber of feed.subscribers) subscriber.write(`data: ${price}\n\n`);
  res.writeHead(204).end();
}

http.createServer((req, res) => {
  const [, section, symbol, action] = req.url.split('/');
  if (section === 'healthz') return res.end('ok');
  if (section !== 'prices' || !(symbol > 0 && symbol <= 50)) return res.writeHead(404).end();
  const feed = feedOf(symbol);
  if (action === 'events') return subscribe(feed, res);
  if (req.method === 'PUT') return publish(feed, req, res);
  res.end(JSON.stringify({ symbol, price: feed.price }));
}).listen(process.env.PORT);
