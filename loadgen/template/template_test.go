package template

import (
	"errors"
	"math"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	googleuuid "github.com/google/uuid"
)

func vars(seq uint64) *Vars {
	return &Vars{Seq: seq, Port: 8080, Rand: rand.New(rand.NewPCG(1, seq))}
}

func TestAppend(t *testing.T) {
	tests := []struct {
		source string
		want   string // a regular expression for the whole output
		static bool
	}{
		{"", "", true},
		{"/users", "/users", true},
		{"/users/{{seq}}", "/users/7", false},
		{"{{ seq }}-{{seq}}", "7-7", false},
		{`{"a":{"b":{{seq}}}}`, `\{"a":\{"b":7\}\}`, false},
		{"{{randInt 5 5}}", "5", false},
		{"{{randInt -3 -1}}", "-[123]", false},
		{"{{randString 13}}", "[A-Za-z0-9_-]{13}", false},
		{`{{pick "a}}b" "a}}b"}}`, `a\}\}b`, false},
		{"{{pick `x y`}}", "x y", false},
		{`{{"{{"}}seq}}`, `\{\{seq\}\}`, true},
		{`a{{"b"}}c`, "abc", true},
		{"single { brace }", "single { brace }", true},
		{`t={{env "TOKEN"}}`, "t=secret", true},
		{"{{\n\tseq\n}}", "7", false},
	}
	for _, tt := range tests {
		tpl, err := Parse(tt.source)
		if err != nil {
			t.Errorf("parse %q: %v", tt.source, err)
			continue
		}
		if err := tpl.Bind(func(string) (string, bool) { return "secret", true }); err != nil {
			t.Errorf("bind %q: %v", tt.source, err)
		}
		got := string(tpl.Append(nil, vars(7)))
		if !regexp.MustCompile("^(?:" + tt.want + ")$").MatchString(got) {
			t.Errorf("%q: got %q, want %s", tt.source, got, tt.want)
		}
		if tpl.Static() != tt.static {
			t.Errorf("%q: static is %v, want %v", tt.source, tpl.Static(), tt.static)
		}
		if tpl.String() != tt.source {
			t.Errorf("got source %q, want %q", tpl.String(), tt.source)
		}
	}
}

func TestParseTarget(t *testing.T) {
	tpl, err := ParseTarget("--port={{port}}")
	if err != nil {
		t.Fatal(err)
	}
	if got := string(tpl.Append(nil, &Vars{Port: 3000})); got != "--port=3000" || tpl.Static() {
		t.Errorf("got %q, static %v", got, tpl.Static())
	}
}

func TestErrors(t *testing.T) {
	tests := []struct {
		parse  func(string) (*Template, error)
		source string
		offset int
		msg    string
	}{
		{Parse, "ab{{seq", 2, `{{ is never closed; write {{"{{"}} for the braces themselves`},
		{Parse, "ab{{}}", 2, "empty action {{}}"},
		{Parse, "ab{{ sek }}", 5, "unknown action sek; known: capture, data, env, pick, randInt, randString, seq, uuid"},
		{Parse, "{{port}}", 2, "{{port}} is known in the target's command and env only"},
		{ParseTarget, "{{seq}}", 2, "{{seq}} is known in requests only; here: env, port, service"},
		{Parse, "{{seq 1}}", 2, "takes no argument, got 1"},
		{Parse, "{{randInt 1}}", 2, "wants 2 integers, as in {{randInt 1 6}}; got 1"},
		{Parse, "{{randInt 1 x}}", 2, "wants integers, as in {{randInt 1 6}}; got x"},
		{Parse, `{{randInt 1 "2"}}`, 2, `wants integers, as in {{randInt 1 6}}; got "2"`},
		{Parse, "{{randInt 2 1}}", 2, "randInt: 2 is more than 1"},
		{Parse, "{{randString 0}}", 2, "randString: length 0 is not within 1 and 16777216"},
		{Parse, "{{pick}}", 2, `wants quoted texts, as in {{pick "a" "b"}}`},
		{Parse, "{{pick a}}", 2, `wants quoted texts, as in {{pick "a" "b"}}; got a`},
		{Parse, "{{env TOKEN}}", 2, `wants one quoted name, as in {{env "TOKEN"}}`},
		{Parse, `{{env "TOKEN}}`, 6, "quoted text is never closed, or has a bad escape"},
		{Parse, "{{seq}", 5, "unexpected }"},
		{Parse, `{{"a" "b"}}`, 2, `unknown action "a"; known: capture, data, env, pick, randInt, randString, seq, uuid`},
	}
	for _, tt := range tests {
		_, err := tt.parse(tt.source)
		var e *Error
		if !errors.As(err, &e) || e.Offset != tt.offset || e.Msg != tt.msg {
			t.Errorf("parse %q: got %v, want offset %d: %s", tt.source, err, tt.offset, tt.msg)
		}
	}
}

func TestBindNamesEveryMissingVariable(t *testing.T) {
	tpl, err := Parse(`{{env "A"}}{{env "B"}}{{env "C"}}`)
	if err != nil {
		t.Fatal(err)
	}
	err = tpl.Bind(func(name string) (string, bool) { return "x", name == "B" })
	want := "environment variable A is not set\nenvironment variable C is not set"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if got, want := string(tpl.Append(nil, vars(0))), `{{env "A"}}x{{env "C"}}`; got != want {
		t.Errorf("half bound: got %s, want %s", got, want)
	}
}

func TestSeedDecidesTheOutput(t *testing.T) {
	tpl, err := Parse(`{{uuid}} {{randInt 0 1000000}} {{randString 20}} {{pick "a" "b" "c"}}`)
	if err != nil {
		t.Fatal(err)
	}
	a, b, c := tpl.Append(nil, vars(1)), tpl.Append(nil, vars(1)), tpl.Append(nil, vars(2))
	if string(a) != string(b) || string(a) == string(c) {
		t.Errorf("got %s and %s for one seed, %s for another", a, b, c)
	}
}

func TestUUIDIsVersion4(t *testing.T) {
	tpl, err := Parse("{{uuid}}")
	if err != nil {
		t.Fatal(err)
	}
	for i := range uint64(100) {
		id, err := googleuuid.ParseBytes(tpl.Append(nil, vars(i)))
		if err != nil || id.Version() != 4 || id.Variant() != googleuuid.RFC4122 {
			t.Fatalf("got %v (version %d, %v), %v", id, id.Version(), id.Variant(), err)
		}
	}
}

func TestBetweenCoversBothEnds(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	seen := map[int64]bool{}
	for range 200 {
		seen[between(r, -1, 1)] = true
	}
	if len(seen) != 3 || !seen[-1] || !seen[0] || !seen[1] {
		t.Errorf("got %v, want -1, 0 and 1", seen)
	}
	if a, b := between(r, math.MinInt64, math.MaxInt64), between(r, math.MinInt64, math.MaxInt64); a == b {
		t.Errorf("the whole range gave %d twice", a)
	}
}

func TestAppendDoesNotAllocate(t *testing.T) {
	tpl, err := Parse(`/a/{{seq}}/{{uuid}}/{{randInt 1 9}}/{{randString 64}}/{{pick "a" "b"}}`)
	if err != nil {
		t.Fatal(err)
	}
	v, buf := vars(1), make([]byte, 0, 1024)
	if n := testing.AllocsPerRun(100, func() { buf = tpl.Append(buf[:0], v) }); n != 0 {
		t.Errorf("got %v allocations for each rendering, want 0", n)
	}
}

// Reference: a copy of as many bytes, which is what a static template costs.
func BenchmarkAppend(b *testing.B) {
	for name, source := range map[string]string{
		"static": strings.Repeat("x", 200),
		"seq":    "/users/{{seq}}",
		"body":   `{"id": "{{uuid}}", "n": {{randInt 1 1000}}, "s": "{{randString 100}}"}`,
	} {
		b.Run(name, func(b *testing.B) {
			tpl, err := Parse(source)
			if err != nil {
				b.Fatal(err)
			}
			v, buf := vars(1), make([]byte, 0, 1024)
			b.ReportAllocs()
			for b.Loop() {
				buf = tpl.Append(buf[:0], v)
			}
			b.SetBytes(int64(len(buf)))
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"/users/{{seq}}", `{{pick "a" "b"}}{{uuid}}`, `{{"{{"}}`, "{{randInt 1 9}}", "{{env \"X\"}}", "{{", "{{}", "{{`", "{{randString 3}}}}",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		tpl, err := Parse(s)
		var e *Error
		if err != nil {
			if !errors.As(err, &e) || e.Offset < 0 || e.Offset > len(s) {
				t.Fatalf("got %#v for %q", err, s)
			}
			return
		}
		out := tpl.Append(nil, vars(3))
		if !strings.Contains(s, opening) && string(out) != s {
			t.Fatalf("text without an action %q became %q", s, out)
		}
		if tpl.Static() && string(out) != string(tpl.Append(nil, vars(4))) {
			t.Fatalf("%q is static and changed", s)
		}
	})
}
