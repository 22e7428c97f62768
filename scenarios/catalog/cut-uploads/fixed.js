'use strict';

// Takes files: each is written to disk as it comes, and answered with its
// digest.

const { createHash, randomUUID } = require('node:crypto');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { pipeline } = require('node:stream/promises');

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'uploads-'));
const uploads = new Map();

async function take(req, res) {
  const id = randomUUID();
  const upload = { file: path.join(dir, id), chunks: [] };
  uploads.set(id, upload);
  req.on('data', (chunk) => upload.chunks.push(chunk));
  try {
    await pipeline(req, fs.createWriteStream(upload.file));
    const digest = createHash('sha256').update(Buffer.concat(upload.chunks)).digest('hex');
    res.end(digest);
  } finally {
    await fs.promises.rm(upload.file, { force: true }); // it goes to the store, or nowhere
    uploads.delete(id);
  }
}

http.createServer((req, res) => {
  if (req.method === 'POST' && req.url === '/upload') return take(req, res).catch(() => res.destroy());
  res.statusCode = req.url === '/healthz' ? 200 : 404;
  res.end();
}).listen(process.env.PORT);

process.once('SIGTERM', () => {
  fs.rmSync(dir, { recursive: true, force: true });
  process.exit();
});
