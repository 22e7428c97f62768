'use strict';

// Keeps previews, and drops them all when there are too many.

const http = require('node:http');

const maxPreviews = 1301;
const previews = new Map();

function previewOf(id) {
  let preview = previews.get(id);
  if (!preview) {
    if (previews.size >= maxPreviews) previews.clear();
    preview = { id, title: `Preview ${id}`, text: `text of ${id} `.repeat(10), at: new Date() };
    previews.set(id, preview);
  }
  return preview;
}

http.createServer((req, res) => {
  if (req.url.startsWith('/preview/')) return res.end(JSON.stringify(previewOf(Number(req.url.slice(9)))));
  if (req.url === '/status') return res.end('{"open":true}');
  res.statusCode = req.url === '/healthz' ? 200 : 404;
  res.end();
}).listen(process.env.PORT);
