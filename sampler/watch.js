(() => {
  const load = process.getBuiltinModule ?? require;
  const EventEmitter = load('events');
  const asyncHooks = load('async_hooks');
  const fs = load('fs');
  const { inspect } = load('util');
  const { apply } = Reflect;

  const most = 20000; // stacks that are taken for each kind
  const frames = 30;
  const longestKey = 256; // of those that are remembered, in characters
  let seen = new WeakMap(); // container to its entry
  let active = []; // entries of containers that live on and change
  const restore = [];
  let marked = false; // the containers from before are the ones that live on
  let noted = 0;
  let open = Object.create(null); // handles and descriptors that were opened and not closed
  let opened = 0;
  const env = Object.create(null);
  const texts = Object.create(null); // each stack once

  // The stack as "function\turl\tline\tcolumn" lines, innermost first.
  function stack() {
    const before = [Error.prepareStackTrace, Error.stackTraceLimit];
    const holder = {};
    let text = '';
    Error.prepareStackTrace = (_, sites) => {
      for (let i = 0; i < sites.length; i++) {
        const s = sites[i];
        text += `${s.getFunctionName() ?? ''}\t${s.getFileName() || s.getScriptNameOrSourceURL() || ''}\t${s.getLineNumber() ?? 0}\t${s.getColumnNumber() ?? 0}\n`;
      }
      return '';
    };
    Error.stackTraceLimit = frames;
    Error.captureStackTrace(holder, stack);
    void holder.stack;
    [Error.prepareStackTrace, Error.stackTraceLimit] = before;
    return (texts[text] ??= text);
  }

  function replace(object, name, make) {
    const was = Object.getOwnPropertyDescriptor(object, name);
    if (!was || !was.configurable || typeof was.value !== 'function') return;
    const value = make(was.value);
    Object.defineProperty(object, name, { ...was, value });
    restore[restore.length] = () => Object.defineProperty(object, name, was);
  }

  // touched notes that code is about to put something into container. What is
  // met for the first time after the mark may live for one request only.
  function touched(container, kind, size, args) {
    let entry = seen.get(container);
    if (!entry) {
      if (!marked) seen.set(container, { kind, size, ref: undefined, before: 0, calls: 0, functions: 0, sites: undefined });
      return;
    }
    if (!marked) return;
    if (!entry.sites) {
      entry.ref = new WeakRef(container);
      entry.before = size(container);
      entry.sites = Object.create(null);
      active[active.length] = entry;
    }
    if (has[kind] && apply(has[kind], container, [args[0]])) return; // it does not grow
    entry.calls++;
    if (typeof args[args.length - 1] === 'function') entry.functions++;
    if (noted++ > most) return;
    const at = stack();
    entry.sites[at] = (entry.sites[at] ?? 0) + 1;
    if (has[kind]) remember(entry, args[0], at);
  }

  const has = { map: Map.prototype.has, set: Set.prototype.has };
  const { set: setKey, delete: deleteKey, forEach: eachKey } = Map.prototype;
  const isObject = (key) => (typeof key === 'object' && key !== null) || typeof key === 'function';

  // remember notes who put a key into a Map or Set, as it may be taken out again.
  // No object is held for that, and no other key once it is deleted.
  function remember(entry, key, at) {
    const keys = (entry.keys ??= { plain: new Map(), objects: new WeakMap(), refs: [] });
    if (isObject(key)) {
      if (!keys.objects.has(key)) keys.refs[keys.refs.length] = new WeakRef(key);
      keys.objects.set(key, at);
    } else if (typeof key !== 'string' || key.length <= longestKey) {
      apply(setKey, keys.plain, [key, at]);
    }
  }

  function watchDelete(prototype) {
    replace(prototype, 'delete', (original) => function (...args) {
      const plain = this !== null && typeof this === 'object' ? seen.get(this)?.keys?.plain : undefined;
      if (plain) apply(deleteKey, plain, [args[0]]);
      return apply(original, this, args);
    });
  }

  // stayed counts by stack what a container still holds of what was put into it:
  // by calls, where it does not tell.
  function stayed(entry, container) {
    if (!entry.keys) return entry.sites;
    const { plain, objects, refs } = entry.keys;
    const left = Object.create(null);
    const count = (at, key) => {
      if (apply(has[entry.kind], container, [key])) left[at] = (left[at] ?? 0) + 1;
    };
    apply(eachKey, plain, [count]);
    for (let i = 0; i < refs.length; i++) {
      const key = refs[i].deref();
      if (key !== undefined) count(objects.get(key), key);
    }
    return Object.keys(left).length > 0 ? left : entry.sites;
  }

  function watchMethod(prototype, name, kind, size) {
    replace(prototype, name, (original) => function (...args) {
      if (this !== null && typeof this === 'object') touched(this, kind, size, args);
      return apply(original, this, args);
    });
  }

  const mapSize = Object.getOwnPropertyDescriptor(Map.prototype, 'size').get;
  const setSize = Object.getOwnPropertyDescriptor(Set.prototype, 'size').get;
  const sizes = {
    map: (m) => apply(mapSize, m, []),
    set: (s) => apply(setSize, s, []),
    array: (a) => a.length,
    emitter: (e) => e.eventNames().reduce((n, type) => n + apply(EventEmitter.prototype.listenerCount, e, [type]), 0),
    promise: () => 0,
  };

  function watchContainers() {
    watchMethod(Map.prototype, 'set', 'map', sizes.map);
    watchMethod(Set.prototype, 'add', 'set', sizes.set);
    watchDelete(Map.prototype);
    watchDelete(Set.prototype);
    for (const name of ['push', 'unshift', 'splice']) watchMethod(Array.prototype, name, 'array', sizes.array);
    for (const name of ['on', 'addListener', 'prependListener']) {
      watchMethod(EventEmitter.prototype, name, 'emitter', sizes.emitter);
    }
    watchMethod(Promise.prototype, 'then', 'promise', sizes.promise);
    watchTargets();
  }

  // Listeners of an EventTarget (an AbortSignal, say) are counted by calls, as
  // it does not tell all their types.
  function watchTargets() {
    if (typeof EventTarget !== 'function') return;
    const counts = new WeakMap();
    const count = (target) => counts.get(target) ?? 0;
    const add = (target, n) => counts.set(target, count(target) + n);
    watchMethod(EventTarget.prototype, 'addEventListener', 'target', count);
    for (const [name, n] of [['addEventListener', 1], ['removeEventListener', -1]]) {
      replace(EventTarget.prototype, name, (original) => function (...args) {
        if (this !== null && typeof this === 'object') add(this, n);
        return apply(original, this, args);
      });
    }
  }

  const handles = new Set(['Timeout', 'TCPWRAP', 'TLSWRAP', 'PIPEWRAP', 'UDPWRAP', 'PROCESSWRAP', 'FSEVENTWRAP', 'STATWATCHER',
    'WORKER', 'MESSAGEPORT', 'FILEHANDLE', 'DNSCHANNEL', 'ZLIB', 'HTTP2SESSION', 'HTTPCLIENTREQUEST']);

  // Ticks are kept while they run: a stream opens its file in one, and the
  // stack that made the stream is the tick's.
  const ticks = Object.create(null);
  const hook = asyncHooks.createHook({
    init(id, type) {
      if (!marked || opened > most) return;
      if (type === 'TickObject') ticks[id] = stack();
      else if (handles.has(type)) note(`h${id}`, type, stack());
    },
    destroy(id) {
      delete ticks[id];
      delete open[`h${id}`];
    },
  });

  function note(key, type, at) {
    opened++;
    open[key] = { type, at };
  }

  function noteDescriptor(fd) {
    const at = stack() + (ticks[asyncHooks.executionAsyncId()] ?? '');
    return (err, n) => { if (!err && marked && opened <= most) note(`f${n}`, 'file', at); };
  }

  function watchFiles() {
    replace(fs, 'open', (original) => function (...args) {
      const done = args[args.length - 1];
      const noted = noteDescriptor();
      if (typeof done === 'function') {
        args[args.length - 1] = function (err, fd) {
          noted(err, fd);
          return apply(done, this, arguments);
        };
      }
      return apply(original, this, args);
    });
    replace(fs, 'openSync', (original) => function (...args) {
      const fd = apply(original, this, args);
      noteDescriptor()(null, fd);
      return fd;
    });
    for (const name of ['close', 'closeSync']) {
      replace(fs, name, (original) => function (...args) {
        delete open[`f${args[0]}`];
        return apply(original, this, args);
      });
    }
  }

  function watchEnvironment() {
    const was = Object.getOwnPropertyDescriptor(process, 'env');
    if (!was?.configurable) return;
    const value = new Proxy(was.value, {
      set(target, name, text) {
        if (marked && noted++ < most) {
          const at = stack();
          env[at] = (env[at] ?? 0) + 1;
        }
        return Reflect.set(target, name, text);
      },
    });
    Object.defineProperty(process, 'env', { ...was, value });
    restore[restore.length] = () => Object.defineProperty(process, 'env', was);
  }

  const grownOf = (entry, container) => (entry.kind === 'promise'
    ? (/^Promise \{\s*<pending>/.test(inspect(container, { depth: 0, customInspect: false })) ? entry.calls : 0)
    : entry.size(container) - entry.before);

  let kept = []; // containers that grew, for container()

  // Shares a container's growth among the sites that put things into it which
  // stayed, and lets go of all keys.
  function stores() {
    const found = [];
    kept = [];
    for (let i = 0; i < active.length; i++) {
      const entry = active[i];
      const container = entry.ref.deref();
      const grown = container === undefined ? 0 : grownOf(entry, container);
      if (!(grown > 0)) continue;
      const sites = stayed(entry, container);
      const all = Object.values(sites).reduce((a, b) => a + b, 0);
      kept[kept.length] = container;
      for (const at in sites) {
        found[found.length] = {
          kind: entry.kind,
          container: kept.length - 1,
          at,
          size: entry.kind === 'promise' ? grown : entry.size(container),
          grown: (grown * sites[at]) / all,
          functions: entry.functions / entry.calls,
        };
      }
    }
    release();
    return found;
  }

  function release() {
    seen = new WeakMap();
    active = [];
  }

  function stop() {
    hook.disable();
    while (restore.length > 0) {
      restore[restore.length - 1]();
      restore.length--;
    }
  }

  return {
    begin() {
      watchContainers();
      watchFiles();
      watchEnvironment();
      hook.enable();
    },

    mark() {
      marked = true;
    },

    end() {
      marked = false;
      stop();
      const left = Object.values(open).map(({ type, at }) => ({ type, at }));
      open = Object.create(null);
      return { stores: stores(), handles: left, env: Object.entries(env).map(([at, calls]) => ({ at, calls })) };
    },

    container(i) {
      return kept[i];
    },

    forget() {
      kept = [];
    },

    stop() {
      stop();
      release();
    },
  };
})()
//# sourceURL=leakcheck:watch
