package sources_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leakcheck/leakcheck/sampler/evidence"
	"github.com/leakcheck/leakcheck/sampler/sources"
)

// files is a file system of texts, by absolute path.
type files map[string]string

func (f files) ReadFile(path string) (string, error) {
	text, ok := f[path]
	if !ok {
		return "", errors.New("no such file")
	}
	return text, nil
}

func (files) SourceMap(string) string { return "" }

// shop is a file with the ways in which code keeps things.
const shop = `'use strict';
const carts = new Map();
class Contexts {
  byId = new Map();
  begin(req) {
    this.byId.set(req.id, { url: req.url });
  }
  end(id) { this.byId.delete(id); }
}
function open(id) {
  let cart = carts.get(id);
  if (!cart) {
    cart = { id, at: new Date() };
    carts.set(id, cart);
  }
  return cart;
}
class Pools {
  constructor() { this[kPools] = new Map(); }
  [kDispatch](origin) {
    if (this[kPools].has(origin)) return;
    this[kPools].set(origin, {});
  }
}
`

func TestReceiver(t *testing.T) {
	r := sources.New(files{"/app/shop.js": shop}, "/app")
	tests := []struct {
		line, column     int
		receiver, method string
		declared         int
		looksUp          bool
		removed          int // 0: never
	}{
		{6, 15, "this.byId", "set", 4, false, 8},
		{14, 11, "carts", "set", 2, true, 0},
		{16, 3, "", "", 0, false, 0},
	}
	for _, tt := range tests {
		at := evidence.Frame{File: "shop.js", Line: tt.line, Column: tt.column, Origin: evidence.App}
		name, method := r.Receiver(at)
		if name != tt.receiver || method != tt.method {
			t.Errorf("line %d: got %q.%q, want %q.%q", tt.line, name, method, tt.receiver, tt.method)
		}
		if name == "" {
			continue
		}
		if got := r.Declared(at, name); got == nil || got.Line != tt.declared {
			t.Errorf("%s is declared at %+v, want line %d", name, got, tt.declared)
		}
		if got := r.LooksUp(at, name); got != tt.looksUp {
			t.Errorf("%s is looked up: got %v, want %v", name, got, tt.looksUp)
		}
		removed := 0
		if at := r.Removed(at, name); at != nil {
			removed = at.Line
		}
		if removed != tt.removed {
			t.Errorf("%s loses entries at line %d, want %d", name, removed, tt.removed)
		}
	}
}

// A symbol may name a method, and the container that it looks into.
func TestLooksUpBySymbol(t *testing.T) {
	r := sources.New(files{"/app/shop.js": shop}, "/app")
	at := evidence.Frame{File: "shop.js", Line: 22, Column: 18, Origin: evidence.App}
	if name, _ := r.Receiver(at); name != "this[kPools]" || !r.LooksUp(at, name) {
		t.Errorf("receiver: got %q, looked up: %v; want this[kPools], which is", name, r.LooksUp(at, name))
	}
}

// Without a watched store, the line is one of the function's: that which keeps
// comes before those which make.
func TestIdioms(t *testing.T) {
	r := sources.New(files{"/app/shop.js": shop}, "/app")
	var got []string
	for _, f := range r.Idioms(evidence.Frame{Function: "open", File: "shop.js", Line: 10, Origin: evidence.App}) {
		got = append(got, f.Place()+" "+string(f.Idiom))
	}
	want := []string{"shop.js:14 put", "shop.js:13 new", "shop.js:13 literal"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("idioms (-want +got):\n%s", diff)
	}
}

// The map says that column 10 of the bundle's only line is line 3, column 5 of
// src/keep.ts: "UAEI" is (+10, 0, +2, +4) in base 64 VLQ.
const mapped = `{"version":3,"sources":["../src/keep.ts"],"sourcesContent":["const all = [];\nexport function keep(item: object) {\n    all.push(item);\n}\n"],"names":[],"mappings":"UAEI"}`

func TestSourceMaps(t *testing.T) {
	const bundle = "function a(b){c.push(b)}"
	want := evidence.Frame{Function: "keep", File: "src/keep.ts", Line: 3, Column: 5, Origin: evidence.App}
	tests := []struct {
		name  string
		files files
	}{
		{"named", files{"/app/dist/out.js": bundle + "\n//# sourceMappingURL=maps/out.map\n", "/app/dist/maps/out.map": strings.Replace(mapped, "../", "../../", 1)}},
		{"beside", files{"/app/dist/out.js": bundle, "/app/dist/out.js.map": mapped}},
		{"inline", files{"/app/dist/out.js": bundle + "\n//# sourceMappingURL=data:application/json," + strings.NewReplacer("%", "%25", " ", "%20").Replace(mapped)}},
		{"broken", files{"/app/dist/out.js": bundle, "/app/dist/out.js.map": "{"}},
	}
	for _, tt := range tests {
		want := want
		if tt.name == "broken" {
			want = evidence.Frame{Function: "a", File: "dist/out.js", Line: 1, Column: 12, Origin: evidence.App}
		}
		got := sources.New(tt.files, "/app").Frame("a", "file:///app/dist/out.js", 1, 12)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestOrigin(t *testing.T) {
	r := sources.New(files{
		"/app/node_modules/express/package.json":           `{"name": "express", "version": "5.1.0"}`,
		"/app/node_modules/express/lib/package.json":       `{"type": "commonjs"}`,
		"/app/node_modules/@scope/pkg/dist/other.notajson": "",
	}, "/app")
	tests := []struct {
		url  string
		want evidence.Frame
	}{
		{"", evidence.Frame{Origin: evidence.Native}},
		{"node:events", evidence.Frame{Origin: evidence.Node, File: "node:events", Line: 7, Column: 1}},
		{"/app/src/server.js", evidence.Frame{Origin: evidence.App, File: "src/server.js", Line: 7, Column: 1}},
		{"file:///app/node_modules/express/lib/application.js", evidence.Frame{Origin: evidence.Dependency, File: "node_modules/express/lib/application.js", Package: "express@5.1.0", Line: 7, Column: 1}},
		{"/app/node_modules/@scope/pkg/dist/x.js", evidence.Frame{Origin: evidence.Dependency, File: "node_modules/@scope/pkg/dist/x.js", Package: "@scope/pkg", Line: 7, Column: 1}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, r.Frame("", tt.url, 7, 1)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.url, diff)
		}
	}
}

// ledger is a file with the ways in which code keeps things by assigning.
const ledger = `class Entry {
  constructor(text, older) {
    this.older = older;
  }
}
class History {
  add(text) {
    const entry = new Entry(text, this.newest);
    entry.at = Date.now();
    this.newest = entry;
  }
}
const results = {};
let state = { events: [] };
function memo(key) {
  const [, second] = key.split('/');
  if (key in results) return results[key];
  results[key] = Promise.resolve(second);
  return results[key];
}
function dispatch(action) {
  state = reduce(state, action);
}
function log(line) { state.text += line; }
function watch(session) {
  registry.register(session, session.data);
}
`

func TestKeptAt(t *testing.T) {
	r := sources.New(files{"/app/ledger.js": ledger}, "/app")
	tests := []struct {
		begin int
		name  string
		kind  evidence.Kind
		line  int // 0: none
	}{
		{7, "newest", evidence.Field, 10},
		{2, "newest", evidence.Field, 0},
		{15, "results", evidence.Object, 18},
		{15, "results", evidence.Field, 0},
		{21, "state", evidence.Field, 22},
		{24, "text", evidence.Field, 24},
		{25, "registry", evidence.Inner, 26},
	}
	for _, tt := range tests {
		at := evidence.Frame{File: "ledger.js", Line: tt.begin, Origin: evidence.App}
		got := 0
		if f := r.KeptAt(at, tt.name, tt.kind); f != nil {
			got = f.Line
		}
		if got != tt.line {
			t.Errorf("%s as %s in the function at line %d: got line %d, want %d", tt.name, tt.kind, tt.begin, got, tt.line)
		}
	}
	whole := evidence.Frame{File: "ledger.js", Line: 1, Origin: evidence.App}
	if f := r.OnlyKeptAt(whole, "state", evidence.Field); f == nil || f.Line != 22 || f.Function != "dispatch" {
		t.Errorf("state: got %+v, want line 22 in dispatch, and no declaration", f)
	}
	if at := (evidence.Frame{File: "ledger.js", Line: 18, Origin: evidence.App}); !r.LooksUp(at, "results") || r.LooksUp(at, "state") {
		t.Error("results are looked up, and state is not")
	}
	if f := r.Call(evidence.Frame{File: "ledger.js", Line: 7, Origin: evidence.App}, "new Entry"); f == nil || f.Line != 8 {
		t.Errorf("call of Entry: got %+v, want line 8", f)
	}
}

// What is assigned keeps something, unless it goes with the call, the request or
// the object that is made.
func TestAssigned(t *testing.T) {
	r := sources.New(files{"/app/ledger.js": ledger}, "/app")
	for begin, want := range map[int]string{2: "", 7: "ledger.js:10 assign", 15: "ledger.js:18 index", 21: "ledger.js:22 assign"} {
		got := ""
		if lines := r.Idioms(evidence.Frame{File: "ledger.js", Line: begin, Origin: evidence.App}); len(lines) > 0 && sources.Keeps(lines[0]) {
			got = lines[0].Place() + " " + string(lines[0].Idiom)
		}
		if got != want {
			t.Errorf("function at line %d: got %q, want %q", begin, got, want)
		}
	}
}

// mail is a file whose functions are assigned, and whose arrows lead to the next line.
const mail = `exports.receipt = (order) =>
  ejs.render(RECEIPT, { order }, {
    cache: true, filename: order,
  });

module.exports = async (id) => {
  const key = Symbol.for(id);
  const fixed = Symbol.for('mail');
  return { [key]: fixed };
};
module.exports.handlers = {
  open: (req) => {
    const signal = AbortSignal.any([stop, req.signal]);
    kept.push(signal);
  },
  create: async req => {
    sent[req.id] = req;
  },
};
exports.last = order =>
  kept.push(order);
`

func TestFunctionsThatAreAssigned(t *testing.T) {
	r := sources.New(files{"/app/mail.js": mail}, "/app")
	at := func(line int) evidence.Frame {
		return evidence.Frame{File: "mail.js", Line: line, Origin: evidence.App}
	}
	for line, want := range map[int]string{3: "receipt", 7: "exports", 13: "open", 17: "create"} {
		if got := r.NameAround(at(line)); got != want {
			t.Errorf("line %d is of %q, want %q", line, got, want)
		}
	}
	for name, line := range map[string]int{"render": 2, "push": 0} {
		got := 0
		if f := r.Call(at(1), name); f != nil {
			got = f.Line
		}
		if got != line {
			t.Errorf("the function at line 1 calls %s at line %d, want %d", name, got, line)
		}
	}
	for begin, want := range map[int]string{6: "mail.js:7 symbol", 12: "mail.js:14 put", 20: "mail.js:21 put"} {
		got := ""
		if lines := r.Idioms(at(begin)); len(lines) > 0 {
			got = lines[0].Place() + " " + string(lines[0].Idiom)
		}
		if got != want {
			t.Errorf("function at line %d: got %q, want %q", begin, got, want)
		}
	}
}

// copies is a file in which a call fills what it makes, beside what lives on.
const copies = `function makeStore() {
  const byId = new Map(), names = [];
  return {
    remember(id, ...rest) {
      for (var n = arguments.length, args = new Array(n), k = 0; k < n; k++) {
        args[k] = arguments[k];
      }
      const seen = {};
      rest.forEach((r) => { seen[r] = true; });
      byId.set(id, args);
    },
    rename(list) {
      const known = byId.get(list.id);
      known.push(list);
    },
    collect(rows) {
      const out = [];
      rows.forEach((row) => {
        out.push(row.id);
      });
      return out;
    },
  };
}
`

// What goes with the call keeps nothing: a list that it fills, also from within
// a callback. A variable of the function around, and what is looked up, live on.
func TestIdiomsOfWhatACallMakes(t *testing.T) {
	r := sources.New(files{"/app/copies.js": copies}, "/app")
	for begin, want := range map[int]string{4: "copies.js:10 put", 12: "copies.js:14 put", 16: ""} {
		got := ""
		if lines := r.Idioms(evidence.Frame{File: "copies.js", Line: begin, Origin: evidence.App}); len(lines) > 0 && sources.Keeps(lines[0]) {
			got = lines[0].Place() + " " + string(lines[0].Idiom)
		}
		if got != want {
			t.Errorf("function at line %d: got %q, want %q", begin, got, want)
		}
	}
}

// A function begins where V8 says, which may be before its first word.
func TestFunctionsOfOneLine(t *testing.T) {
	r := sources.New(files{"/app/a.js": "app.get('/a', () => {\n  if (x) all.push(x)\n}); app.get('/b', () => { cache[y] = y })\n"}, "/app")
	for _, tt := range []struct {
		line, column int
		want         string
	}{{1, 15, "a.js:2 put"}, {3, 19, "a.js:3 index"}} {
		got := ""
		if lines := r.Idioms(evidence.Frame{File: "a.js", Line: tt.line, Column: tt.column, Origin: evidence.App}); len(lines) > 0 {
			got = lines[0].Place() + " " + string(lines[0].Idiom)
		}
		if got != tt.want {
			t.Errorf("function at %d:%d: got %q, want %q", tt.line, tt.column, got, tt.want)
		}
	}
}

// Of a source that was not published, the file that is there is named, with the
// original beside it; one that is there is named itself.
func TestLocate(t *testing.T) {
	const dir = "/app/node_modules/keeper/"
	published := files{dir + "package.json": `{"name": "keeper", "version": "1.0.0"}`, dir + "dist/out.js": "function a(b){c.push(b)}", dir + "dist/out.js.map": mapped}
	r := sources.New(published, "/app")
	got := r.Frame("a", "file://"+dir+"dist/out.js", 1, 12)
	if got.Place() != "node_modules/keeper/src/keep.ts:3" {
		t.Fatalf("got %s before", got.Place())
	}
	r.Locate(&got)
	if want := "node_modules/keeper/dist/out.js:1 [src/keep.ts:3] in keep (keeper@1.0.0)"; got.In() != want {
		t.Errorf("got %s, want %s", got.In(), want)
	}
	published[dir+"dist/out.js.map"] = strings.Replace(mapped, "../src", "/home/ci/keeper/src", 1)
	got = sources.New(published, "/app").Frame("a", "file://"+dir+"dist/out.js", 1, 12)
	if got.Origin != evidence.Dependency || got.Package != "keeper@1.0.0" {
		t.Errorf("got %+v of a map that leads out of the package, want the package", got)
	}
	published[dir+"dist/out.js.map"] = mapped
	published[dir+"src/keep.ts"] = "export const all = [];\n"
	r = sources.New(published, "/app")
	got = r.Frame("a", "file://"+dir+"dist/out.js", 1, 12)
	if r.Locate(&got); got.Original != nil || got.Line != 3 {
		t.Errorf("got %s of a source that is there", got.In())
	}
}
