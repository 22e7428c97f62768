package printable_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/leakcheck/leakcheck/sampler/recording/printable"
)

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"cart: 12 µs ✓\n\tnext": "cart: 12 µs ✓\n\tnext",
		"\x1b[2J\a\rx\x7f":      `\u001b[2J\u0007\u000dx\u007f`,
		"a\u202eb\u2066\u200f":  `a\u202eb\u2066\u200f`,
		"\x1b[1;31mred\x1b[0m":  "red",
		"\u009b31m":             `\u009b31m`,
		"tag\U000e0041":         `tag\U000e0041`,
		"no \xff UTF-8":         "no \ufffd UTF-8",
	} {
		if got := printable.Text(in); got != want {
			t.Errorf("Text(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestStrings(t *testing.T) {
	type inner struct {
		Names map[string][]string
		At    *string
	}
	text := "\x1b[2K"
	got := struct {
		Kind   interface{ String() string }
		Inner  []inner
		Bytes  []byte
		secret string
	}{Inner: []inner{{Names: map[string][]string{"a\r": {"b\a", "c"}}, At: &text}}, Bytes: []byte{1}, secret: "\x1b"}
	printable.Strings(&got)
	want := map[string][]string{`a\u000d`: {`b\u0007`, "c"}}
	if diff := cmp.Diff(want, got.Inner[0].Names); diff != "" || text != `\u001b[2K` {
		t.Errorf("got %q and (-want +got):\n%s", text, diff)
	}
}

func TestCheckName(t *testing.T) {
	for name, want := range map[string]string{
		"GET /users/{id}":        "",
		"Größe 👩‍💻":              "",
		"":                       "name is empty",
		" \t":                    "name is empty",
		"a ":                     "name begins or ends with a blank",
		"a\u00a0":                "name begins or ends with a blank",
		"a\x1b":                  "name contains a control character (U+001B)",
		"a\u202eb":               "name contains a character that is not shown (U+202E)",
		"a\xff":                  "name is not UTF-8",
		strings.Repeat("x", 101): "name is longer than 100 bytes",
		"Background":             "name has a meaning of its own in reports",
		"interaction":            "name has a meaning of its own in reports",
	} {
		got := ""
		if err := printable.CheckEndpoint(name); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

func TestAlike(t *testing.T) {
	for _, pair := range [][2]string{{"a", "a "}, {"a b", "a\u00a0 b"}, {"é", "e\u0301"}, {"ﬁx", "fix"}, {"a\u200bb", "ab"}} {
		if printable.Alike(pair[0]) != printable.Alike(pair[1]) {
			t.Errorf("%q and %q are told apart", pair[0], pair[1])
		}
	}
	if printable.Alike("list") == printable.Alike("List") {
		t.Error("names that differ are alike")
	}
}

func TestCheckRunID(t *testing.T) {
	for id, ok := range map[string]bool{
		"20261121-150405-ab12cd": true, "0f8fad5b-d9cb-469f-a165-70867728950e": true,
		"../../x": false, "a/b": false, `a\b`: false, ".": false, "..": false, "a\n": false, "": false,
	} {
		if (printable.CheckRunID(id) == nil) != ok {
			t.Errorf("%q: got %v", id, printable.CheckRunID(id))
		}
	}
}

func TestWriter(t *testing.T) {
	for in, want := range map[string]string{
		"plain\n":                          "plain\n",
		"::error::x\n  ::warning::y":       ": :error::x\n  : :warning::y",
		"std::vector ::x":                  "std::vector ::x",
		"\u00a0::add-mask::x":              "\u00a0: :add-mask::x",
		"a ##[error]x ##vso[task] ###[x]":  "a ## [error]x ## vso[task] ### [x]",
		"## heading\n### heading #1 ##\n#": "## heading\n### heading #1 ##\n#",
		"\x1b[31mred\x1b[0m \x1b[8mhidden": "\x1b[31mred\x1b[0m \\u001b[8mhidden",
		"\x1b]0;title\a":                   `\u001b]0;title\u0007`,
		"\u202e":                           `\u202e`,
	} {
		var whole, parts bytes.Buffer
		if _, err := printable.NewWriter(&whole).Write([]byte(in)); err != nil {
			t.Fatal(err)
		}
		w := printable.NewWriter(&parts)
		for i := range len(in) {
			if _, err := w.Write([]byte{in[i]}); err != nil {
				t.Fatal(err)
			}
		}
		if whole.String() != want || parts.String() != want {
			t.Errorf("%q: got %q, and %q byte by byte, want %q", in, whole.String(), parts.String(), want)
		}
	}
	var b bytes.Buffer
	if _, err := printable.NewWriter(&b).Commands().Write([]byte("::error::\a")); err != nil || b.String() != `::error::\u0007` {
		t.Errorf("with commands: got %q, %v", b.String(), err)
	}
}

// Whatever is written, no line is a command and no character moves the cursor.
func TestWriterAny(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b bytes.Buffer
		w := printable.NewWriter(&b)
		for _, part := range rapid.SliceOf(rapid.StringOf(rapid.SampledFrom([]rune("::##[ \t\n\x1b[31m\r\u202exé")))).Draw(t, "parts") {
			if n, err := w.Write([]byte(part)); err != nil || n != len(part) {
				t.Fatalf("wrote %d of %d: %v", n, len(part), err)
			}
		}
		for line := range strings.Lines(b.String()) {
			if strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##[") || strings.ContainsAny(line, "\r\u202e") {
				t.Fatalf("line %q", line)
			}
		}
	})
}
