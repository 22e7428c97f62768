// Opens the inspector in the process that listens on the app's port, and in no
// other: not in npm, not in a build tool that started it. It looks for the
// listening socket until it is there and then leaves nothing behind.
'use strict';
const { isMainThread } = require('worker_threads');
const port = Number(process.env.LEAKCHECK_PORT);

if (isMainThread && port) {
  const inspector = require('inspector');
  const started = Date.now();
  let told = false;
  const timer = setInterval(() => {
    const listening = process._getActiveHandles()
      .map((handle) => typeof handle.address === 'function' && handle.listening ? handle.address() : null)
      .filter((address) => address && typeof address === 'object' && address.port);
    const own = listening.find((address) => address.port === port);
    if (own) {
      clearInterval(timer);
      if (/^127\.|^::1$/.test(own.address)) {
        process.stderr.write(`leakcheck: the app listens on ${own.address}:${port}, which is not reached from outside of its container\n`);
        return;
      }
      if (inspector.url()) inspector.close();
      inspector.open(Number(process.env.LEAKCHECK_INSPECTOR), '0.0.0.0');
    } else if (!told && listening.length > 0 && Date.now() - started > 1000) {
      told = true;
      process.stderr.write(`leakcheck: the app listens on ${listening[0].port}, not on port ${port}\n`);
    }
  }, 20);
  timer.unref();
}
