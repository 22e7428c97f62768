'use strict';

// Drives a chat room: an operation joins it, says something, hears the answer and leaves.

const base = process.env.LEAKCHECK_URL.replace(/^http/, 'ws');
const operations = Number(process.env.LEAKCHECK_OPERATIONS);
const workers = Number(process.env.LEAKCHECK_WORKERS);
const first = Number(process.env.LEAKCHECK_FIRST);

function visit(seq) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${base}/rooms/${seq % 50}`);
    let heard = '';
    socket.onopen = () => socket.send(`hello ${seq}`);
    socket.onmessage = ({ data }) => {
      heard = data;
      if (data !== 'welcome') socket.close(1000);
    };
    socket.onerror = () => reject(new Error('no connection, or a broken one'));
    socket.onclose = () => (heard === `you said: hello ${seq}` ? resolve() : reject(new Error('closed without an answer')));
  });
}

let next = 0;
async function worker() {
  while (next < operations) {
    const seq = first + next++;
    const began = performance.now();
    try {
      await visit(seq);
      console.log(JSON.stringify({ done: 1, latency_ms: [performance.now() - began] }));
    } catch (err) {
      console.log(JSON.stringify({ failed: 1, error: err.message }));
    }
  }
}

Promise.all(Array.from({ length: workers }, worker));
