'use strict';

// Validates what forms send. A form's fields are its owner's choice, so its
// schema is built when it is used.

const http = require('node:http');

const { z } = require(process.argv[2]); // leaky or fixed

const contact = z.object({ name: z.string(), mail: z.string() });

function answer(form, body) {
  const schema = z.object({
    name: z.string().max(80).describe(`name on form ${form}`),
    seats: z.number().int().meta({ title: 'Seats', examples: [1, 2] }),
  });
  return schema.safeParse(body).success;
}

async function json(req) {
  let text = '';
  for await (const chunk of req) text += chunk;
  return JSON.parse(text);
}

http.createServer(async (req, res) => {
  if (req.url.startsWith('/forms/')) return res.end(String(answer(req.url, await json(req))));
  if (req.url === '/contact') return res.end(String(contact.safeParse(await json(req)).success));
  res.statusCode = req.url === '/healthz' ? 200 : 404;
  res.end();
}).listen(process.env.PORT);
