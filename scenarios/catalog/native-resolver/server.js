'use strict';

// Hands out DNS resolvers, so that a lookup can be cancelled with its request.

const dns = require('node:dns');
const http = require('node:http');
const { setTimeout: sleep } = require('node:timers/promises');

const resolvers = [];

function resolverFor() {
  const resolver = new dns.Resolver({ timeout: 2000, tries: 2 });
  resolvers.push(resolver);
  return resolver;
}

async function lookup(host, res) {
  await sleep(5); // is this tenant known? another service is asked
  const [server] = resolverFor().getServers();
  res.end(JSON.stringify({ host, server }));
}

process.once('SIGTERM', () => {
  for (const resolver of resolvers) resolver.cancel();
  process.exit();
});

http.createServer((req, res) => {
  if (req.url.startsWith('/lookup/')) return lookup(req.url.slice(8), res);
  if (req.url === '/servers') return res.end('["primary","secondary"]');
  res.statusCode = req.url === '/healthz' ? 200 : 404;
  res.end();
}).listen(process.env.PORT);
