// Keeps the card number of each request, and of those it does not know one that
// no leak may show. On /hang its event loop stops turning. With KEPT, each
// request keeps so many numbers more.
const kept = [];
const more = Number(process.env.KEPT ?? 0);
let n = 0;

function remember(res) {
  kept.push({ owner: `holder-${n}`, card: `4111-secret-${n++}`, more: Array.from({ length: more }, (_, i) => i + 0.5) });
  res.end('ok');
}

require('node:http').createServer((req, res) => {
  if (req.url === '/hang') for (;;);
  remember(res);
}).listen(process.env.PORT, '127.0.0.1');
