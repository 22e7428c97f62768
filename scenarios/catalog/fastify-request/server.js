'use strict';

// A Fastify service with two habits that reviewers like to call leaks.

const fastify = require('fastify');

const app = fastify();

// The request points at its context, and the context at its request.
app.addHook('onRequest', async (req) => {
  req.context = { request: req, startedAt: Date.now() };
});

// The body is read by listeners that nobody removes.
app.addContentTypeParser('text/plain', (req, payload, done) => {
  const chunks = [];
  payload.on('data', (chunk) => chunks.push(chunk));
  payload.on('error', done);
  payload.on('end', () => done(null, Buffer.concat(chunks)));
});

app.get('/healthz', async () => 'ok');
app.get('/status', async (req) => ({ open: true, at: req.context.startedAt }));
app.post('/upload', async (req) => ({ bytes: req.body.length, url: req.context.request.url }));

app.listen({ port: Number(process.env.PORT), host: '::' }).catch((err) => {
  console.error(err);
  process.exit(1);
});
