'use strict';

// A feed over HTTP/2: each client has a stream of its own, which ends with the
// next news.

const http2 = require('node:http2');

const readers = new Set();

function feed(stream) {
  readers.add(stream);
  stream.once('error', () => readers.delete(stream)); // the client has gone
  stream.respond({ ':status': 200, 'content-type': 'text/event-stream' });
  stream.write('data: hello\n\n');
}

function tell(news) {
  for (const reader of readers) if (reader.writable) reader.end(`data: ${news}\n\n`);
  readers.clear();
}

const server = http2.createServer();
server.on('stream', (stream, headers) => {
  const path = headers[':path'];
  if (path === '/feed') return feed(stream);
  if (path === '/news') tell('something happened');
  stream.respond({ ':status': path === '/healthz' || path === '/news' ? 200 : 404 }, { endStream: true });
});
server.listen(process.env.PORT);
