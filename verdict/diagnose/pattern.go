package diagnose

// Pattern is a kind of leak. Its value names its page: docs/patterns/<pattern>.md.
type Pattern string

// The patterns.
const (
	Listeners      Pattern = "listener-accumulation"
	Closures       Pattern = "closure-retention"
	Cache          Pattern = "cache-without-eviction"
	Collection     Pattern = "global-collection"
	Timers         Pattern = "timer"
	PendingPromise Pattern = "promise-never-settled"
	Streams        Pattern = "stream-not-closed"
	Connections    Pattern = "connection-not-released"
	Buffers        Pattern = "buffer-outside-heap"
	Worker         Pattern = "worker-or-context"
	Native         Pattern = "native-memory"
)

// Patterns are all of them, in the order of the documentation.
var Patterns = []Pattern{
	Listeners, Closures, Cache, Collection, Timers, PendingPromise, Streams, Connections, Buffers, Worker, Native,
}

// Advice is what is generally known of a pattern.
type Advice struct {
	Title       string // "listener accumulation"
	Explanation string // in plain words
	Before      string // a line of code that leaks,
	After       string // and the usual fix
}

// Docs is the page on the pattern.
func (p Pattern) Docs() string { return "docs/patterns/" + string(p) + ".md" }

// Advice is what is generally known of the pattern.
func (p Pattern) Advice() Advice { return advice[p] }

var advice = map[Pattern]Advice{
	Listeners: {
		Title:       "listener accumulation",
		Explanation: "Each request subscribes to an emitter that outlives it and does not unsubscribe. The listener keeps all that its function can see.",
		Before:      "bus.on('change', onChange);",
		After:       "bus.on('change', onChange); res.once('close', () => bus.off('change', onChange));",
	},
	Closures: {
		Title:       "closure retention",
		Explanation: "A function that was made for one request is kept, and with it every variable of its scope, used or not.",
		Before:      "hooks.push(() => big.length);",
		After:       "const n = big.length; hooks.push(() => n);  // and take it out when the request ends",
	},
	Cache: {
		Title:       "cache without eviction",
		Explanation: "What was looked up is kept for the next time, under keys that never run out, and nothing is ever thrown out.",
		Before:      "cache.set(key, value);",
		After:       "cache.set(key, value); if (cache.size > 1000) cache.delete(cache.keys().next().value);",
	},
	Collection: {
		Title:       "global collection",
		Explanation: "Each request adds to a collection that lives as long as the process, and nothing takes it out again on this path.",
		Before:      "all.push(entry);",
		After:       "all.push(entry); if (all.length > 1000) all.shift();  // or delete when the request ends",
	},
	Timers: {
		Title:       "timer never cleared",
		Explanation: "Each request starts a timer that nobody stops. Until it fires (an interval: for ever) it keeps its function and all that it sees.",
		Before:      "setInterval(check, 60_000);",
		After:       "const timer = setInterval(check, 60_000); res.once('close', () => clearInterval(timer));",
	},
	PendingPromise: {
		Title:       "promise never settled",
		Explanation: "Each request waits for a promise that stays pending. The promise keeps what is to be done after it, for every request.",
		Before:      "await Promise.race([work(), shutdown]);",
		After:       "await Promise.race([work(), once(signal)]);  // one promise per request, settled when it ends",
	},
	Streams: {
		Title:       "stream or descriptor not closed",
		Explanation: "A file or stream is opened and on this path neither read to its end nor destroyed. Its descriptor stays open, also when the object is collected.",
		Before:      "const file = fs.createReadStream(path); if (cached) return res.end();",
		After:       "if (cached) return res.end(); await pipeline(fs.createReadStream(path), res);",
	},
	Connections: {
		Title:       "connection not released",
		Explanation: "Each request opens a connection (or takes one from a pool) and does not give it back.",
		Before:      "const c = await connect(); return c.query(sql);",
		After:       "const c = await connect(); try { return await c.query(sql); } finally { await c.end(); }",
	},
	Buffers: {
		Title:       "buffer outside the heap",
		Explanation: "The bytes of buffers and typed arrays lie outside the JavaScript heap; small objects in it keep them, so that the heap looks healthy.",
		Before:      "kept.push(() => table.length);",
		After:       "const n = table.length; kept.push(() => n);  // keep what is needed, or a copy: Buffer.from(slice)",
	},
	Worker: {
		Title:       "worker thread or context",
		Explanation: "A worker thread (or vm context) has a heap of its own, which the main thread's collector never empties: what it keeps, or the thread itself, stays.",
		Before:      "indexed.set(id, document);  // in worker.js",
		After:       "indexed.set(id, document); if (indexed.size > 1000) indexed.delete(indexed.keys().next().value);",
	},
	Native: {
		Title:       "native memory",
		Explanation: "Memory that C or C++ code allocated is kept. The heap shows a small object for it, or nothing at all.",
		Before:      "process.env.CONTEXT = text;  // each assignment allocates in the C library",
		After:       "spawn(command, { env: { ...process.env, CONTEXT: text } });",
	},
}
