'use strict';

// A feed over HTTP/2: each client has a stream of its own, on which news come
// until it has seen the last.

const http2 = require('node:http2');

const readers = new Set();

function feed(stream) {
  readers.add(stream);
  stream.once('finish', () => readers.delete(stream));
  stream.once('error', () => {}); // the client has gone
  stream.respond({ ':status': 200, 'content-type': 'text/event-stream' });
  stream.write('data: hello\n\n');
}

const server = http2.createServer();
server.on('stream', (stream, headers) => {
  if (headers[':path'] === '/feed') return feed(stream);
  if (headers[':path'] === '/news') {
    for (const reader of readers) if (!reader.destroyed) reader.end('data: news\n\n');
    stream.respond({ ':status': 204 }, { endStream: true });
    return;
  }
  stream.respond({ ':status': headers[':path'] === '/healthz' ? 200 : 404 }, { endStream: true });
});
server.listen(process.env.PORT);
