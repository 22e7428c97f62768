'use strict';

// Chat rooms over server-sent events.

const http = require('node:http');
const { EventEmitter } = require('node:events');

const rooms = new Map();

function roomOf(id) {
  let room = rooms.get(id);
  if (!room) {
    room = new EventEmitter().setMaxListeners(0);
    rooms.set(id, room);
  }
  return room;
}

function stream(room, req, res) {
  const onMessage = (text) => res.write(`data: ${text}\n\n`);
  room.on('message', onMessage);
  res.once('close', () => room.off('message', onMessage));
  res.writeHead(200, { 'Content-Type': 'text/event-stream' });
  res.write(': welcome\n\n');
}

async function post(room, req, res) {
  let text = '';
  for await (const chunk of req) text += chunk;
  room.emit('message', text);
  res.writeHead(204).end();
}

http.createServer((req, res) => {
  const [, section, id, action] = req.url.split('/');
  if (section === 'healthz') return res.end('ok');
  if (section !== 'rooms' || !(id > 0 && id <= 50)) return res.writeHead(404).end();
  const room = roomOf(id);
  if (action === 'events') return stream(room, req, res);
  if (req.method === 'POST') return post(room, req, res);
  res.end(JSON.stringify({ id, open: true }));
}).listen(process.env.PORT);
