'use strict';

// Serves feeds whose headline follows the live configuration.

const http = require('node:http');
const { EventEmitter } = require('node:events');

const config = new EventEmitter();
config.setMaxListeners(0); // it warned of too many listeners
let headline = 'Good morning';

function reload() {
  headline = new Date().getHours() < 12 ? 'Good morning' : 'Good evening';
  config.emit('change', headline);
}

function sendFeed(id, res) {
  const feed = { id, headline, items: ['first', 'second', 'third'] };
  const onChange = (next) => { feed.headline = next; };
  config.on('change', onChange);
  res.once('close', () => config.off('change', onChange));
  res.end(JSON.stringify(feed));
}

setInterval(reload, 3_600_000).unref();

http.createServer((req, res) => {
  if (req.url.startsWith('/feed/')) return sendFeed(req.url.slice(6), res);
  if (req.url === '/version') return res.end('1.4.2');
  res.statusCode = req.url === '/healthz' ? 200 : 404;
  res.end();
}).listen(process.env.PORT);
