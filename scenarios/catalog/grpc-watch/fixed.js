'use strict';

// A store of settings over gRPC, without packages: HTTP/2 and messages of one text each.
// Get answers with a value; Watch answers with it, and again each time that it is set.

const http2 = require('node:http2');

const values = new Map();
const watchers = new Set();

// message frames {string text = 1} of fewer than 128 bytes.
function message(text) {
  const field = Buffer.concat([Buffer.from([0x0a, Buffer.byteLength(text)]), Buffer.from(text)]);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(field.length, 1);
  return Buffer.concat([head, field]);
}

const methods = {
  '/settings.Settings/Get'(stream, key) {
    stream.end(message(values.get(key) ?? 'unset'));
  },
  '/settings.Settings/Watch'(stream, key) {
    const watcher = { stream, key };
    watchers.add(watcher);
    stream.once('close', () => watchers.delete(watcher));
    stream.write(message(values.get(key) ?? 'unset'));
  },
  '/settings.Settings/Set'(stream, setting) {
    const [key, value] = setting.split('=');
    values.set(key, value);
    for (const watcher of watchers) if (watcher.key === key) watcher.stream.write(message(value));
    stream.end(message('ok'));
  },
};

http2.createServer().on('stream', (stream, headers) => {
  const method = methods[headers[':path']];
  stream.on('error', () => {}); // a cancelled call
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': method ? '0' : '12' }));
  if (!method) return stream.end();
  let body = Buffer.alloc(0);
  stream.on('data', (chunk) => { body = Buffer.concat([body, chunk]); });
  stream.on('end', () => method(stream, body.subarray(7).toString()));
}).listen(process.env.PORT);
