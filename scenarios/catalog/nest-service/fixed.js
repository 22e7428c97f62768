'use strict';

// Controllers and services wired by hand, as a dependency injection container does it.

const http = require('node:http');
const { randomUUID } = require('node:crypto');

class RequestContextService {
  contexts = new Map();

  begin(req) {
    const id = randomUUID();
    this.contexts.set(id, { id, url: req.url, startedAt: new Date(), roles: ['customer'] });
    return id;
  }

  get(id) {
    return this.contexts.get(id);
  }

  end(id) {
    this.contexts.delete(id);
  }
}

class OrdersService {
  constructor(context) {
    this.context = context;
  }

  find(id, requestId) {
    return { id, total: 42, visibleTo: this.context.get(requestId).roles };
  }
}

class OrdersController {
  constructor(orders, context) {
    this.orders = orders;
    this.context = context;
  }

  show(req, res) {
    const requestId = this.context.begin(req);
    try {
      res.end(JSON.stringify(this.orders.find(req.url.slice(8), requestId)));
    } finally {
      this.context.end(requestId);
    }
  }
}

const context = new RequestContextService(); // a singleton, like every provider by default
const controller = new OrdersController(new OrdersService(context), context);

http.createServer((req, res) => {
  if (req.url.startsWith('/orders/')) return controller.show(req, res);
  if (req.url === '/status') return res.end('{"open":true}');
  res.statusCode = req.url === '/healthz' ? 200 : 404;
  res.end();
}).listen(process.env.PORT);
