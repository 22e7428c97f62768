(() => {
  const load = process.getBuiltinModule ?? require;
  const { monitorEventLoopDelay, PerformanceObserver } = load('perf_hooks');
  const v8 = load('v8');
  const immediate = setImmediate;
  const delay = monitorEventLoopDelay({ resolution: 20 });
  let gcTime = 0;
  let gcCount = 0;
  const count = (entries) => {
    for (const entry of entries) {
      gcTime += entry.duration;
      gcCount++;
    }
  };
  const observer = new PerformanceObserver((list) => count(list.getEntries()));

  return {
    begin() {
      observer.disconnect();
      gcTime = gcCount = 0;
      observer.observe({ entryTypes: ['gc'] });
      delay.reset();
      delay.enable();
    },

    // In nanoseconds; the delays include the resolution.
    end() {
      delay.disable();
      count(observer.takeRecords());
      observer.disconnect();
      const loop = { p99: delay.percentile(99), max: delay.max, gcTime: gcTime * 1e6, gcCount };
      gcTime = gcCount = 0;
      delay.reset();
      return loop;
    },

    turn() {
      return new Promise((resolve) => immediate(resolve));
    },

    read() {
      const { rss, external, arrayBuffers } = process.memoryUsage();
      const heap = v8.getHeapStatistics();
      const spaces = {};
      for (const space of v8.getHeapSpaceStatistics()) {
        spaces[space.space_name] = space.space_used_size;
      }
      const active = {};
      for (const kind of process.getActiveResourcesInfo?.() ?? []) {
        active[kind] = (active[kind] ?? 0) + 1;
      }
      return {
        rss, external, arrayBuffers, spaces, active,
        limit: heap.heap_size_limit,
        contexts: heap.number_of_native_contexts,
        detached: heap.number_of_detached_contexts,
      };
    },
  };
})()
