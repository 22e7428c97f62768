'use strict';

// Chat rooms over WebSocket: the handshake and the small frames of RFC 6455.

const http = require('node:http');
const { createHash } = require('node:crypto');

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const TEXT = 1, CLOSE = 8;
const rooms = new Map();

function roomOf(id) {
  let room = rooms.get(id);
  if (!room) rooms.set(id, room = new Set());
  return room;
}

function join(room, socket) {
  room.add(socket);
  socket.on('data', (frame) => receive(socket, frame));
  socket.on('error', () => socket.destroy());
  send(socket, TEXT, 'welcome');
}

function receive(socket, frame) {
  const opcode = frame[0] & 0x0f, length = frame[1] & 0x7f;
  const mask = frame.subarray(2, 6), payload = frame.subarray(6, 6 + length);
  for (let i = 0; i < payload.length; i++) payload[i] ^= mask[i % 4];
  if (opcode === TEXT) return send(socket, TEXT, `you said: ${payload}`);
  if (opcode === CLOSE) return socket.end(Buffer.from([0x80 | CLOSE, 0]));
}

function send(socket, opcode, text) {
  const payload = Buffer.from(text);
  socket.write(Buffer.concat([Buffer.from([0x80 | opcode, payload.length]), payload]));
}

const server = http.createServer((req, res) => {
  const [, section, id] = req.url.split('/');
  if (section === 'healthz') return res.end('ok');
  if (section !== 'rooms') return res.writeHead(404).end();
  res.end(JSON.stringify({ id, open: rooms.has(id) }));
});

server.on('upgrade', (req, socket) => {
  const accept = createHash('sha1').update(req.headers['sec-websocket-key'] + GUID).digest('base64');
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
  join(roomOf(req.url.split('/')[2]), socket);
});

server.listen(process.env.PORT);
