#!/usr/bin/env node
'use strict';

// Starts the leakcheck of this platform, and ends as it ends.

const { spawn } = require('node:child_process');

const name = `@leakcheck/${process.platform}-${process.arch}`;
let binary;
try {
  binary = require.resolve(`${name}/leakcheck`);
} catch {
  console.error(`leakcheck: the package ${name} is not installed`);
  console.error('hint: install without --omit=optional; there are packages for Linux and macOS, on x64 and arm64');
  process.exit(4);
}

const child = spawn(binary, process.argv.slice(2), { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  // A terminal sends them to both. leakcheck stops what it started, and then ends.
  process.on(signal, () => { if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal); });
}
child.on('error', (err) => {
  console.error(`leakcheck: ${err.message}`);
  process.exit(4);
});
child.on('exit', (code, signal) => {
  if (!signal) process.exit(code);
  for (const s of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(s);
  process.kill(process.pid, signal);
});
