'use strict';

// The endpoints of the API: what server.js serves and scenario.js writes down.

const resources = [
  'users', 'orders', 'products', 'carts', 'invoices', 'payments', 'reviews', 'coupons', 'shipments', 'tickets',
  'accounts', 'addresses', 'brands', 'comments', 'discounts', 'events', 'files', 'groups', 'images', 'messages',
];

// Each action is one endpoint of each resource. wait is in milliseconds, work in
// passes over the rows of a search, of a millisecond or less each.
const actions = [
  { name: 'list', method: 'GET', path: '?page={{seq}}', wait: 2 },
  { name: 'get', method: 'GET', path: '/{{seq}}', wait: 1 },
  { name: 'create', method: 'POST', path: '', body: '{"name": "{{randString 12}}", "note": "{{uuid}}"}', wait: 3, status: 201 },
  { name: 'update', method: 'PUT', path: '/{{seq}}', body: '{"name": "{{randString 12}}"}', wait: 3 },
  { name: 'search', method: 'GET', path: '/search?q={{randString 2}}', work: 1 },
  { name: 'export', method: 'GET', path: '/export.csv', wait: 1 },
  { name: 'missing', method: 'GET', path: '/missing/{{seq}}', wait: 1, status: 404 },
  { name: 'invalid', method: 'POST', path: '/invalid', body: '{"name": "{{randString 12}}"', status: 422 },
  { name: 'checkout', method: 'POST', path: '/drafts', flow: true, wait: 1, status: 201 },
  { name: 'report', method: 'GET', path: '/report', wait: 5 },
];

// endpoint returns the i-th of all: the ten of one resource, then those of the next.
function endpoint(i) {
  const at = Math.floor(i / actions.length);
  const action = actions[i % actions.length];
  const varied = { ...action, action: action.name, name: `${resources[at]}-${action.name}`, base: `/${resources[at]}` };
  if (action.wait) varied.wait += at % 3;
  if (action.name === 'search') varied.work += at % 2;
  if (action.name === 'report' && at % 4 === 0) varied.wait = 40;
  if (action.name === 'report' && at === 5) varied.work = 10;
  return varied;
}

const most = resources.length * actions.length;

// endpoints returns the first n of them.
function endpoints(n) {
  if (!(n >= 1 && n <= most)) throw new Error(`want 1 to ${most} endpoints, got ${n}`);
  return Array.from({ length: n }, (_, i) => endpoint(i));
}

module.exports = { endpoints };
