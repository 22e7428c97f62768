'use strict';

// A shop's whole API, with as many endpoints as ENDPOINTS says.

const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');

const { endpoints } = require('./endpoints');
const leaks = require('./leaks');

const all = endpoints(Number(process.env.ENDPOINTS || 100));
leaks.check(new Set(all.map((e) => e.name)));

const byResource = new Map(); // base path to action to endpoint
for (const e of all) {
  if (!byResource.has(e.base)) byResource.set(e.base, {});
  byResource.get(e.base)[e.action] = e;
}

const rows = Array.from({ length: 1000 }, (_, i) => ({ id: i, name: `item ${(i * 7919) % 1000}`, price: (i * 31) % 97 }));
const csv = exportFile();
const drafts = new Set(); // opened by a checkout, until it is confirmed
let lastDraft = 0;

// exportFile returns the descriptor of a file that has no name any more, so that none is left behind.
function exportFile() {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'hundred-endpoints-'));
  const file = path.join(dir, 'export.csv');
  fs.writeFileSync(file, rows.map((r) => `${r.id},${r.name},${r.price}\n`).join('').repeat(3));
  const fd = fs.openSync(file);
  fs.rmSync(dir, { recursive: true });
  return { fd, size: fs.fstatSync(fd).size };
}

// action names the action that a request asks for.
function action(method, [, , part, id]) {
  if (part === undefined) return method === 'POST' ? 'create' : 'list';
  if (part === 'drafts') return id === undefined ? 'checkout' : 'confirm';
  if (['search', 'export.csv', 'missing', 'invalid', 'report'].includes(part)) return part.replace('.csv', '');
  return method === 'PUT' ? 'update' : 'get';
}

const likeness = (name, text) => [...text].filter((letter) => name.includes(letter)).length;

// work computes as a search does: ranks all rows, that many times, and returns the best ten.
function work(passes, text) {
  let ranked = [];
  for (let i = 0; i < passes; i++) {
    ranked = rows.map((row) => ({ row, score: likeness(row.name, text + i) })).sort((a, b) => b.score - a.score);
  }
  return ranked.slice(0, 10).map(({ row }) => row);
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function body(req) {
  let text = '';
  for await (const chunk of req) text += chunk;
  return text;
}

function json(res, status, value) {
  res.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
}

const answers = {
  list: (req, res) => json(res, 200, rows.slice(0, 20)),
  get: (req, res) => json(res, 200, rows[1]),
  search: (req, res, e) => json(res, 200, work(e.work, req.url.split('q=')[1] || 'a')),
  missing: (req, res) => json(res, 404, { error: 'no such thing' }),
  create: async (req, res) => json(res, 201, { id: 1, ...JSON.parse(await body(req)) }),
  update: async (req, res) => json(res, 200, { id: 1, ...JSON.parse(await body(req)) }),
  report: (req, res, e) => json(res, 200, e.work ? work(e.work, 'report') : rows.slice(0, 50)),

  invalid: async (req, res) => {
    try {
      json(res, 200, JSON.parse(await body(req)));
    } catch (err) {
      json(res, 422, { error: err.message });
    }
  },

  export: (req, res) => {
    res.writeHead(200, { 'Content-Type': 'text/csv', 'Content-Length': csv.size });
    fs.createReadStream(null, { fd: csv.fd, autoClose: false, start: 0, end: csv.size - 1 }).pipe(res);
  },

  checkout: (req, res) => {
    const draft = String(++lastDraft);
    drafts.add(draft);
    json(res, 201, { draft });
  },

  confirm: (req, res) => {
    const open = drafts.delete(req.url.split('/')[3]);
    json(res, open ? 200 : 404, { open });
  },
};

async function serve(req, res) {
  const parts = req.url.split('?')[0].split('/');
  const asked = action(req.method, parts);
  // A checkout is confirmed by its second request, which ends the flow.
  const e = byResource.get(`/${parts[1]}`)?.[asked === 'confirm' ? 'checkout' : asked];
  if (!e) return res.writeHead(parts[1] === 'healthz' ? 200 : 404).end();
  if (e.wait) await sleep(e.wait);
  await answers[asked](req, res, e);
  if (asked !== 'checkout') leaks.served(e.name);
}

http.createServer((req, res) => serve(req, res).catch((err) => res.writeHead(500).end(err.message))).listen(process.env.PORT);
