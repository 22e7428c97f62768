'use strict';

// Reads users from MariaDB (or MySQL).

const http = require('node:http');
const mysql = require('mysql2/promise');

const database = {
  host: process.env.DB_HOST,
  port: Number(process.env.DB_PORT),
  user: process.env.DB_USER,
  password: process.env.DB_PASSWORD,
};

async function userOf(id) {
  const connection = await mysql.createConnection(database);
  const [[user]] = await connection.query('SELECT ? AS id, NOW() AS seen_at', [id]);
  return user;
}

async function handle(req, res) {
  if (req.url.startsWith('/users/')) return res.end(JSON.stringify(await userOf(Number(req.url.slice(7)))));
  if (req.url === '/version') return res.end('1.0.0');
  res.statusCode = req.url === '/healthz' ? 200 : 404;
  return res.end();
}

http.createServer((req, res) => {
  handle(req, res).catch((err) => {
    console.error(err.message);
    res.writeHead(500).end();
  });
}).listen(process.env.PORT);
