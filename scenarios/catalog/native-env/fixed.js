'use strict';

// Exports reports. Formats other than JSON are made by a child process, which
// finds the request's context in its environment.

const http = require('node:http');
const { spawn } = require('node:child_process');

function contextOf(id) {
  const rights = Array.from({ length: 30 }, (_, i) => ({ table: `table_${i}`, read: true, write: i % 3 === 0 }));
  return JSON.stringify({ report: id, requestedAt: Date.now(), rights });
}

function exportReport(id, format, res) {
  if (format === 'json') return res.end(JSON.stringify({ id, rows: [1, 2, 3] }));
  const env = { ...process.env, EXPORT_CONTEXT: contextOf(id) };
  return spawn('report-writer', [format], { env }).stdout.pipe(res);
}

http.createServer((req, res) => {
  const { pathname, searchParams } = new URL(req.url, 'http://reports.local');
  if (pathname.startsWith('/export/')) return exportReport(pathname.slice(8), searchParams.get('format'), res);
  if (pathname === '/formats') return res.end('["json","pdf"]');
  res.statusCode = pathname === '/healthz' ? 200 : 404;
  res.end();
}).listen(process.env.PORT);
