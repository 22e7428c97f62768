'use strict';

// Notes of users, kept in PostgreSQL.

const express = require('express');
const { migrate } = require('./db');

const app = express();
app.use(express.json());
app.get('/healthz', (req, res) => { res.send('ok'); });
app.use('/auth', require('./routes/auth'));
app.use('/notes', require('./routes/notes'));

migrate().then(() => {
  app.listen(process.env.PORT || 3000);
}).catch((err) => {
  console.error(err);
  process.exit(1);
});
