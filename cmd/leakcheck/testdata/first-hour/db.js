'use strict';

const { Pool } = require('pg');

const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 10 });

// migrate makes the tables, and a user to try things with.
async function migrate() {
  await pool.query('CREATE TABLE IF NOT EXISTS users (email text PRIMARY KEY, password text)');
  await pool.query('CREATE TABLE IF NOT EXISTS notes (id serial PRIMARY KEY, title text, text text)');
  await pool.query("INSERT INTO users VALUES ('ann@example.com', 'secret') ON CONFLICT DO NOTHING");
  await pool.query("INSERT INTO notes (title, text) SELECT 'note ' || n, 'text' FROM generate_series(1, 100) n WHERE NOT EXISTS (SELECT 1 FROM notes)");
}

module.exports = { pool, migrate };
