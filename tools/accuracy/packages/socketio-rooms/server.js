'use strict';

// Live dashboards over WebSocket. A client is let into its room when its rights
// have been looked up; some have left by then.

const http = require('node:http');
const { setTimeout: sleep } = require('node:timers/promises');

const { Server } = require(process.argv[2]); // leaky or fixed
const { io: connect } = require('socket.io-client');

const server = http.createServer(handle);
const io = new Server(server);

io.on('connection', (socket) => {
  socket.once('watch', async (board) => {
    await sleep(10); // the database
    socket.join(board);
    socket.emit('watching');
  });
});

// visit is a browser that opens a dashboard and, impatient, leaves at once.
function visit(board, patient, done) {
  const client = connect(`http://127.0.0.1:${process.env.PORT}`, { transports: ['websocket'], forceNew: true, reconnection: false });
  client.once('connect', () => {
    client.emit('watch', board);
    if (!patient) setTimeout(leave, 2);
  });
  client.once('watching', leave);
  client.once('connect_error', leave);
  function leave() {
    client.disconnect();
    client.io.engine?.close();
    done();
  }
}

function handle(req, res) {
  if (req.url.startsWith('/peek/')) return visit(req.url, false, () => res.end('left'));
  if (req.url.startsWith('/watch/')) return visit(req.url, true, () => res.end('watched'));
  if (req.url.startsWith('/socket.io/')) return;
  res.statusCode = req.url === '/healthz' ? 200 : 404;
  res.end();
}

server.listen(process.env.PORT, '127.0.0.1');
