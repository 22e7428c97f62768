'use strict';

const { randomUUID } = require('node:crypto');
const express = require('express');
const { pool } = require('../db');

const router = express.Router();
const tokens = new Set();

router.post('/login', async (req, res) => {
  const { email, password } = req.body;
  const { rows } = await pool.query('SELECT 1 FROM users WHERE email = $1 AND password = $2', [email, password]);
  if (rows.length === 0) return res.status(401).json({ error: 'wrong email or password' });
  const token = randomUUID();
  tokens.add(token);
  res.json({ token });
});

function authenticate(req, res, next) {
  const token = (req.headers.authorization ?? '').replace('Bearer ', '');
  if (!tokens.has(token)) return res.status(401).json({ error: 'log in first' });
  next();
}

module.exports = router;
module.exports.authenticate = authenticate;
