'use strict';

// Renders pages. Compiling a page is slow, so the compiled one is kept.

const http = require('node:http');

const compiled = new Map();
const maxCompiled = 500;

function compile(url) {
  const words = url.split('/').filter(Boolean);
  const title = words.join(' / ');
  return () => `<!doctype html><title>${title}</title><h1>${title}</h1><p>${words.length} levels</p>`;
}

function rendererOf(url) {
  let render = compiled.get(url);
  if (!render) {
    render = compile(url);
    if (compiled.size >= maxCompiled) compiled.delete(compiled.keys().next().value);
    compiled.set(url, render);
  }
  return render;
}

http.createServer((req, res) => {
  res.setHeader('Content-Type', 'text/html');
  if (req.url.startsWith('/page/')) return res.end(rendererOf(req.url)());
  if (req.url === '/sitemap') return res.end(`<ul>${'<li>page</li>'.repeat(20)}</ul>`);
  res.statusCode = req.url === '/healthz' ? 200 : 404;
  res.end();
}).listen(process.env.PORT);
