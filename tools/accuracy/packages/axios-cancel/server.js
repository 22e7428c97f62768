'use strict';

// A gateway. All its calls can be cancelled at once, when it shuts down.

const http = require('node:http');

const axios = require(process.argv[2]); // leaky or fixed

const shutdown = axios.CancelToken.source();
process.once('SIGTERM', () => {
  shutdown.cancel('shutting down');
  process.exit();
});

const httpAgent = new http.Agent({ keepAlive: true });
const upstream = `http://127.0.0.1:${process.env.PORT}/price`;

async function quote(res) {
  const { data } = await axios.get(upstream, { cancelToken: shutdown.token, httpAgent });
  res.end(JSON.stringify({ total: data.net * 1.2 }));
}

http.createServer((req, res) => {
  if (req.url.startsWith('/quotes/')) return quote(res);
  if (req.url === '/price') return res.end(JSON.stringify({ net: 10 }));
  res.statusCode = req.url === '/healthz' ? 200 : 404;
  res.end();
}).listen(process.env.PORT, '127.0.0.1');
