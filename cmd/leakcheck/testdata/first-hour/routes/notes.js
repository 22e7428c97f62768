'use strict';

const express = require('express');
const { pool } = require('../db');
const { authenticate } = require('./auth');

const router = express.Router();
const recent = [];

router.use(authenticate);

router.get('/', async (req, res) => {
  const { rows } = await pool.query('SELECT id, title FROM notes ORDER BY id LIMIT 20');
  res.json(rows);
});

router.get('/:id', async (req, res) => {
  const { rows } = await pool.query('SELECT * FROM notes WHERE id = $1', [Number(req.params.id)]);
  if (rows.length === 0) return res.status(404).json({ error: 'no such note' });
  recent.push({ id: rows[0].id, at: new Date() });
  res.json(rows[0]);
});

router.post('/', async (req, res) => {
  const { title, text } = req.body;
  const { rows } = await pool.query('INSERT INTO notes (title, text) VALUES ($1, $2) RETURNING id', [title, text]);
  res.status(201).json(rows[0]);
});

module.exports = router;
