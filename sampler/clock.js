(() => {
  const hour = 3_600_000;
  const soon = 120_000;
  const few = 10;
  const immediate = setImmediate;
  const clear = clearTimeout;
  let ahead = 0;

  // What asks for the time from here on gets it ahead. The event loop keeps its own.
  function setClocksAhead() {
    const { now } = Date;
    Date.now = () => now() + ahead;
    const Shifted = new Proxy(Date, {
      construct(target, args, as) {
        return Reflect.construct(target, args.length ? args : [target.now()], as);
      },
      apply(target) {
        return new target(target.now()).toString();
      },
    });
    Date.prototype.constructor = Shifted;
    globalThis.Date = Shifted;

    const since = performance.now.bind(performance);
    performance.now = () => since() + ahead;

    const { hrtime } = process;
    const nanoseconds = hrtime.bigint;
    const bigint = () => nanoseconds() + BigInt(ahead) * 1_000_000n;
    const shifted = (earlier) => {
      const ns = bigint() - (earlier ? BigInt(earlier[0]) * 1_000_000_000n + BigInt(earlier[1]) : 0n);
      return [Number(ns / 1_000_000_000n), Number(ns % 1_000_000_000n)];
    };
    process.hrtime = Object.assign(shifted, { bigint });
  }

  // A timer that a request sets for long and never clears is a common leak: long
  // ones that ring once only do so when they are too few for that.
  function ringing(timers) {
    const due = (t) => t._idleStart + t._idleTimeout;
    const long = (t) => !t._repeat && t._idleTimeout > soon;
    const alive = timers.filter((t) => !t._destroyed && typeof t._onTimeout === 'function' && t._idleTimeout <= hour);
    const rings = alive.filter(long).length <= few ? alive : alive.filter((t) => !long(t));
    return rings.sort((a, b) => due(a) - due(b));
  }

  // Node leaves a timer that has rung as it was, so that refresh() starts it again.
  // One that was cleared rings no more.
  function end(timer) {
    const { _onTimeout, _idleTimeout } = timer;
    clear(timer);
    Object.assign(timer, { _onTimeout, _idleTimeout });
  }

  function ring(timer) {
    const { _onTimeout: callback, _timerArgs: args } = timer;
    if (timer._destroyed || typeof callback !== 'function') return; // another one cleared it
    let again = timer._repeat;
    timer.refresh = () => {
      again = true;
      return Object.getPrototypeOf(timer).refresh.call(timer);
    };
    try {
      Reflect.apply(callback, timer, args ?? []);
    } catch {} // the app's own; what it left behind is measured all the same
    delete timer.refresh;
    if (!again && !timer._destroyed) end(timer);
  }

  return {
    async advance(timers) {
      // This call may stand in the midst of any function, such as Node's own that
      // has a timer ring.
      await new Promise((resolve) => immediate(resolve));
      if (ahead === 0) setClocksAhead();
      ahead += hour;
      const { exit } = process;
      process.exit = () => {}; // an app that ends when nothing came for a while
      try {
        ringing(timers).forEach(ring);
        for (let turns = 0; turns < 3; turns++) await new Promise((resolve) => immediate(resolve));
      } finally {
        process.exit = exit;
      }
    },
  };
})()
