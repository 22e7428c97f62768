'use strict';

// A Model Context Protocol server over Streamable HTTP: a client initializes a
// session, whose id it sends with its calls. Few clients end theirs by DELETE.

const http = require('node:http');
const { randomUUID } = require('node:crypto');

const sessions = new Map();

function open(params) {
  const session = { id: randomUUID(), client: params.clientInfo, seen: Date.now(), log: [], handlers: new Map() };
  session.handlers.set('tools/list', () => ({ tools: [{ name: 'add', inputSchema: { type: 'object' } }] }));
  session.handlers.set('tools/call', ({ arguments: { a, b } }) => ({ content: [{ type: 'text', text: String(a + b) }] }));
  sessions.set(session.id, session);
  return session;
}

function answer(res, id, result, headers = {}) {
  res.writeHead(200, { 'Content-Type': 'application/json', ...headers });
  res.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
}

function call(req, res, message) {
  const session = sessions.get(req.headers['mcp-session-id']);
  if (message.method === 'initialize') {
    const { id } = open(message.params);
    return answer(res, message.id, { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo: { name: 'adder', version: '1' } }, { 'Mcp-Session-Id': id });
  }
  if (!session) return res.writeHead(404).end();
  session.seen = Date.now();
  session.log.push(message.method);
  if (message.id === undefined) return res.writeHead(202).end();
  const handler = session.handlers.get(message.method);
  return handler ? answer(res, message.id, handler(message.params)) : res.writeHead(400).end();
}

http.createServer((req, res) => {
  if (req.url === '/healthz') return res.end('ok');
  if (req.url !== '/mcp') return res.writeHead(404).end();
  if (req.method === 'DELETE') {
    return res.writeHead(sessions.delete(req.headers['mcp-session-id']) ? 204 : 404).end();
  }
  let text = '';
  req.on('data', (chunk) => { text += chunk; });
  req.on('end', () => call(req, res, JSON.parse(text)));
}).listen(process.env.PORT);
