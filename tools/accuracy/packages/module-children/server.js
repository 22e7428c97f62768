'use strict';

// Runs price rules that merchants write in JavaScript.

const http = require('node:http');

const requireFromString = require(process.argv[2]); // leaky or fixed

const standard = requireFromString('module.exports = (net) => net * 1.2', 'standard.js');

function price(url) {
  const percent = Number(url.slice('/rules/'.length)) % 30;
  const rule = requireFromString(`module.exports = (net) => net * (1 + ${percent} / 100)`, 'rule.js');
  return String(rule(100));
}

http.createServer((req, res) => {
  if (req.url.startsWith('/rules/')) return res.end(price(req.url));
  if (req.url === '/standard') return res.end(String(standard(100)));
  res.statusCode = req.url === '/healthz' ? 200 : 404;
  res.end();
}).listen(process.env.PORT);
