'use strict';

// An Express API whose middleware remembers requests for crash reports.

const express = require('express');

const app = express();
const seen = [];
const maxSeen = 20;

function remember(req, res, next) {
  seen.push(`${req.method} ${req.originalUrl}`);
  if (seen.length > maxSeen) seen.shift();
  next();
}

function crashReport(err) {
  console.error(err, seen);
  process.exit(1);
}

process.on('uncaughtException', crashReport);

app.get('/healthz', (req, res) => res.send('ok'));
app.use('/api', remember);
app.get('/api/orders/:id', (req, res) => res.json({ id: req.params.id, state: 'paid' }));
app.get('/catalog/:id', (req, res) => res.json({ id: req.params.id, price: 12.5 }));

app.listen(process.env.PORT);
