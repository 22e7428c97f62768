'use strict';

// An Express API whose middleware remembers requests for crash reports.

const express = require('express');

const app = express();
const seen = [];

function remember(req, res, next) {
  seen.push(req);
  next();
}

function crashReport(err) {
  const last = seen.slice(-20).map(({ method, originalUrl }) => `${method} ${originalUrl}`);
  console.error(err, last);
  process.exit(1);
}

process.on('uncaughtException', crashReport);

app.get('/healthz', (req, res) => res.send('ok'));
app.use('/api', remember);
app.get('/api/orders/:id', (req, res) => res.json({ id: req.params.id, state: 'paid' }));
app.get('/catalog/:id', (req, res) => res.json({ id: req.params.id, price: 12.5 }));

app.listen(process.env.PORT);
