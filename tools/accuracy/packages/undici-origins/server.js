'use strict';

// Delivers webhooks. Each customer has a host of its own.

const http = require('node:http');

const { Agent, request } = require(process.argv[2]); // leaky or fixed

// Every name is this machine, where the hooks are received.
const lookup = (host, options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]);
const dispatcher = new Agent({ connect: { lookup } });

const receiver = http.createServer((req, res) => {
  res.setHeader('Connection', 'close'); // customers' servers seldom keep one alive
  res.end('ok');
});

async function deliver(req, res) {
  const customer = req.url.slice('/hooks/'.length);
  const { statusCode, body } = await request(`http://c${customer}.example.test:${receiver.address().port}/`, { dispatcher });
  await body.dump();
  res.end(JSON.stringify({ customer, statusCode }));
}

receiver.listen(0, '127.0.0.1', () => {
  http.createServer((req, res) => {
    if (req.url.startsWith('/hooks/')) return deliver(req, res);
    if (req.url === '/status') return res.end(JSON.stringify({ up: true }));
    res.statusCode = req.url === '/healthz' ? 200 : 404;
    res.end();
  }).listen(process.env.PORT);
});
