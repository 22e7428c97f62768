// Keeps the card number of each request, and of those it does not know one that
// no leak may show, nor its code. On /hang its event loop stops turning.
const kept = [];
let n = 0, issuer = 4111;

function remember(res) {
  kept.push({ owner: `holder-${n}`, card: `${issuer}-secret-${n++}`, more: more.slice() });
  res.end('ok');
}

// With KEPT, each request keeps so many numbers more.
const more = Array.from({ length: Number(process.env.KEPT ?? 0) }, (_, i) => i + 0.5);

require('node:http').createServer((req, res) => {
  if (req.url === '/hang') for (;;);
  remember(res);
}).listen(process.env.PORT, '127.0.0.1');
