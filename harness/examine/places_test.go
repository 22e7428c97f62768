package examine

import (
	"errors"
	"testing"

	"github.com/leakcheck/leakcheck/sampler/evidence"
	"github.com/leakcheck/leakcheck/sampler/sources"
)

// texts are files, by their path.
type texts map[string]string

func (t texts) ReadFile(path string) (string, error) {
	if text, ok := t[path]; ok {
		return text, nil
	}
	return "", errors.New("no such file")
}

func (texts) SourceMap(string) string { return "" }

const (
	service = `exports.observe = (req, res) => {
  res.on('finish', () => {
    latency.labels(req.path).observe(1);
  });
};
exports.get = (sku) => {
  const agent = new http.Agent({ keepAlive: true });
  http.get({ path: sku, agent }).on('error', report);
};
exports.keep = (key) => {
  const agent = new http.Agent({ keepAlive: true });
  agents[key] = agent;
};
exports.note = (text) => {
  const copy = Buffer.from(text);
  notes.push(copy);
};
exports.timed = (work) => {
  performance.mark('begin');
  return work();
};
exports.acquire = async () => {
  let c = idle.pop();
  if (!c) c = await new Promise(r => waiting.push(r));
  lost.register(c, c.slot);
  return c;
};
`
	histogram = `function observe(labels) {
  return value => {
    this.hashMap[hash(labels)] = value;
  };
}
`
)

// What is allocated for the app, by whom, and the line of the app that it is for.
func TestPlacesOfCalls(t *testing.T) {
	p := &places{resolver: sources.New(texts{"/app/service.js": service, "/app/node_modules/prom/index.js": histogram}, "/app")}
	app := func(line int) evidence.Frame {
		return evidence.Frame{File: "service.js", Line: line, Origin: evidence.App}
	}
	node := func(function string) evidence.Frame {
		return evidence.Frame{Function: function, File: "node:http", Line: 1, Origin: evidence.Node}
	}
	anonymous := evidence.Frame{File: "node_modules/prom/index.js", Line: 2, Origin: evidence.Dependency}
	native := evidence.Frame{Function: "register", Origin: evidence.Native}
	for _, tt := range []struct {
		name   string
		callee evidence.Frame
		begin  int
		line   int
		idiom  evidence.Idiom
	}{
		{"a function that another one returned", anonymous, 2, 3, ""},
		{"what Node opens comes before what is listened to", node("Agent"), 6, 7, "open"},
		{"what Node opened is kept by assigning", node("Agent"), 10, 12, "index"},
		{"what Node only makes is kept elsewhere", node("from"), 14, 16, "put"},
		{"where nothing else tells, what Node is called for", node("mark"), 18, 19, "call"},
		{"what a FinalizationRegistry is given", native, 22, 25, "register"},
	} {
		lines := p.lines([]evidence.Frame{tt.callee, app(tt.begin)}, 1)
		if len(lines) == 0 || lines[0].Line != tt.line || lines[0].Idiom != tt.idiom {
			t.Errorf("%s: got %+v, want line %d by %q", tt.name, lines, tt.line, tt.idiom)
		}
	}
	if stack := p.calls([]evidence.Frame{anonymous, app(2)}); stack[1].Line != 3 {
		t.Errorf("held through a function that another one returned: got %+v, want line 3", stack[1])
	}
}
