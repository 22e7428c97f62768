'use strict';

// Invoices in the customer's language. Amounts are formatted by i18next.

const http = require('node:http');

const i18next = require(process.argv[2]); // leaky or fixed

const resources = {
  en: { translation: { due: 'Due: {{amount, number}}', hello: 'Hello {{name}}' } },
  de: { translation: { due: 'Zu zahlen: {{amount, number}}', hello: 'Hallo {{name}}' } },
};

function invoice(url) {
  const amount = Number(url.slice('/invoices/'.length)) / 100;
  return i18next.t('due', { amount, lng: 'de', formatParams: { amount: { minimumFractionDigits: 2 } } });
}

i18next.init({ lng: 'en', resources }).then(() => {
  http.createServer((req, res) => {
    if (req.url.startsWith('/invoices/')) return res.end(invoice(req.url));
    if (req.url.startsWith('/hello/')) return res.end(i18next.t('hello', { name: req.url.slice('/hello/'.length) }));
    res.statusCode = req.url === '/healthz' ? 200 : 404;
    res.end();
  }).listen(process.env.PORT);
});
