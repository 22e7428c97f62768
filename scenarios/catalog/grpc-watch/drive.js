'use strict';

// Drives the settings over gRPC. As "watch", an operation watches a setting, waits for its value and
// cancels the call; as "get", it asks for the value. Each worker has a connection at a time.

const http2 = require('node:http2');

const url = process.env.LEAKCHECK_URL;
const operations = Number(process.env.LEAKCHECK_OPERATIONS);
const workers = Number(process.env.LEAKCHECK_WORKERS);
const first = Number(process.env.LEAKCHECK_FIRST);
const watch = process.argv[2] === 'watch';

function message(text) {
  const field = Buffer.concat([Buffer.from([0x0a, Buffer.byteLength(text)]), Buffer.from(text)]);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(field.length, 1);
  return Buffer.concat([head, field]);
}

function call(session, seq) {
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': `/settings.Settings/${watch ? 'Watch' : 'Get'}`,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    let body = Buffer.alloc(0), status;
    stream.setTimeout(5000, () => stream.destroy(new Error('no answer within 5 s')));
    stream.on('data', (chunk) => {
      body = Buffer.concat([body, chunk]);
      if (watch) stream.close(http2.constants.NGHTTP2_CANCEL);
    });
    stream.on('trailers', (trailers) => { status = trailers['grpc-status']; });
    stream.on('error', reject);
    stream.on('close', () => {
      if (body.subarray(7).toString() !== 'unset') reject(new Error('no value, or another one'));
      else if (!watch && status !== '0') reject(new Error(`status ${status}`));
      else resolve();
    });
    stream.end(message(`key-${seq % 50}`));
  });
}

// Node.js closes a connection with many cancelled calls: 1,000 at once, and 33 a second after that.
const callsOfConnection = 500;

let next = 0;
async function operate(session) {
  const seq = first + next++;
  const began = performance.now();
  try {
    await call(session, seq);
    console.log(JSON.stringify({ done: 1, latency_ms: [performance.now() - began] }));
  } catch (err) {
    console.log(JSON.stringify({ failed: 1, error: err.message }));
  }
}

async function worker() {
  while (next < operations) {
    const session = http2.connect(url);
    session.on('error', () => {}); // its streams report it
    for (let calls = 0; calls < callsOfConnection && next < operations; calls++) await operate(session);
    session.close();
  }
}

Promise.all(Array.from({ length: workers }, worker));
