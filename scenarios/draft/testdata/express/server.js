const express = require('express');
const app = express();
app.get('/products/:id', (req, res) => res.json({ id: req.params.id }));
app.get('/files/*path', (req, res) => res.end());
app.post('/orders', (req, res) => res.status(201).end());
app.listen(process.env.PORT || 3000);
