'use strict';

// Writes the scenario for the first N endpoints: node scenario.js 40 > forty.yaml

const { endpoints } = require('./endpoints');

const rare = 'users-report'; // one request in five hundred

function flow(e) {
  return [
    '    flow:',
    `      - {request: ${e.method} ${e.base}${e.path}, expect: ${e.status}, capture: {draft: {json: /draft}}}`,
    `      - {request: 'PUT ${e.base}/drafts/{{capture "draft"}}'}`,
  ];
}

function request(e) {
  const lines = [`    request: ${e.method} ${e.base}${e.path}`];
  if (e.body) lines.push('    headers: {Content-Type: application/json}', `    body: '${e.body}'`);
  if (e.status) lines.push(`    expect: ${e.status}`);
  return lines;
}

function endpoint(e, n) {
  const rate = e.name === rare ? 0.02 * n : 10;
  return [`  - name: ${e.name}`, ...(e.flow ? flow(e) : request(e)), `    rate: ${rate}/s`];
}

function scenario(n) {
  return [
    'version: 1',
    `name: ${n === 100 ? 'hundred-endpoints' : `endpoints-${n}`}`,
    'target:',
    '  command: [node, server.js]',
    `  env: {ENDPOINTS: "${n}"}`,
    '  ready: {path: /healthz}',
    'budget: 1 MB/h',
    'endpoints:',
    ...endpoints(n).flatMap((e) => endpoint(e, n)),
    '',
  ].join('\n');
}

process.stdout.write(scenario(Number(process.argv[2] || 100)));
