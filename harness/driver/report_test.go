package driver

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		`{"done": 1}`: "",
		` {"failed": 2, "error": "x", "latency_ms": [1, 0]} `: "",
		`{"done": 0}`:                      "",
		``:                                 "it is not a JSON object",
		`done`:                             "it is not a JSON object",
		`[1]`:                              "it is not a JSON object",
		`{"done": 1`:                       "unexpected EOF",
		`{}`:                               "neither done nor failed is given",
		`{"done": null}`:                   "neither done nor failed is given",
		`{"done": 1} {"done": 1}`:          "something follows the report",
		`{"done": 1}]`:                     "something follows the report",
		`{"done": -1}`:                     "done: -1 is no number of operations",
		`{"failed": 9e12}`:                 "failed: want a whole number, got number 9e12",
		`{"failed": 9000000000000}`:        "failed: 9000000000000 is no number of operations",
		`{"done": 1.5}`:                    "done: want a whole number, got number 1.5",
		`{"done": "1"}`:                    "done: want a whole number, got string",
		`{"done": 1, "latency_ms": [1,2]}`: "latency_ms: 2 of them for 1 operations",
		`{"done": 1, "latency_ms": [-1]}`:  "latency_ms: -1 is no time in milliseconds",
		`{"done": 1, "error": 5}`:          "error: want a text, got number",
		`{"done": 1, "latency_ms": 5}`:     "latency_ms: want a list of numbers, got number",
		`{"done": 1, "latency_ms": ["5"]}`: "latency_ms: want a list of numbers, got string",
		`{"done": 1, "latency": [1]}`:      `unknown field "latency"`,
	} {
		_, err := parse([]byte(text))
		if want == "" && err != nil || want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
}

// FuzzParse: whatever a line holds, its counts can be added up.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{`{"done": 1}`, `{"failed": 2, "error": "\u0000", "latency_ms": [1e300]}`, `{"done":1e2}`, "{\xff}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := parse(text)
		if err != nil {
			if r.Done != 0 || r.Failed != 0 || r.Latencies != nil {
				t.Errorf("counts %+v beside the error %v", r, err)
			}
			return
		}
		if r.Done < 0 || r.Failed < 0 || r.Done+r.Failed < 0 || len(r.Latencies) > r.Done+r.Failed || len(r.Reason) > maxReason+len("...") {
			t.Errorf("impossible: %+v", r)
		}
		for _, d := range r.Latencies {
			if d < 0 {
				t.Errorf("negative latency %v", d)
			}
		}
	})
}
