package target

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// readAll lets an output read chunks to their end.
func readAll(t rapid.TB, logPath string, ready *regexp.Regexp, chunks ...string) *Output {
	out, write, err := NewOutput(logPath, ready)
	if err != nil {
		t.Fatal(err)
	}
	for _, chunk := range chunks {
		if _, err := write.WriteString(chunk); err != nil {
			t.Fatal(err)
		}
	}
	write.Close()
	<-out.eof
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return out
}

// However the output is cut into reads, the same is found in it.
func TestOutputFindsLinesAcrossReads(t *testing.T) {
	const text = "Debugger listening on ws://127.0.0.1:1/a\r\nloading\nDebugger listening on ws://127.0.0.1:2/b\nup on 80\n"
	rapid.Check(t, func(t *rapid.T) {
		cut := rapid.IntRange(0, len(text)).Draw(t, "cut")
		out := &Output{searching: true, ready: regexp.MustCompile(`^up on \d+$`)}
		out.take([]byte(text[:cut]))
		if early := out.Logged(); early && cut < len(text) {
			t.Errorf("ready after %q", text[:cut])
		}
		out.take([]byte(text[cut:]))
		if !out.Logged() {
			t.Error("the line was not found")
		}
		want := []string{"ws://127.0.0.1:1/a", "ws://127.0.0.1:2/b"}
		if diff := cmp.Diff(want, out.inspectors()); diff != "" {
			t.Errorf("inspectors (-want +got):\n%s", diff)
		}
	})
}

func TestOutputKeepsTheLastLines(t *testing.T) {
	var lines []string
	for i := range 20_000 { // several times tailSize
		lines = append(lines, fmt.Sprintf("line %d", i))
	}
	path := filepath.Join(t.TempDir(), "log")
	out := readAll(t, path, nil, strings.Join(lines, "\n")+"\n")
	got, oom := out.Last()
	if diff := cmp.Diff(strings.Join(lines[len(lines)-tailLines:], "\n"), got); diff != "" || oom {
		t.Errorf("last (-want +got), out of memory %v:\n%s", oom, diff)
	}
	log, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(string(log), "\n"); got != len(lines) {
		t.Errorf("log: got %d lines, want %d", got, len(lines))
	}
}

// What Node says about its debugger is not the app's.
func TestOutputLeavesOutTheDebugger(t *testing.T) {
	out := readAll(t, "", nil,
		"Debugger listening on ws://127.0.0.1:1/a\nFor help, see: https://nodejs.org/en/docs/inspector\n",
		"Debugger attached.\nDebugger of mine\nbye\nWaiting for the debugger to disconnect...\nDebugger ending on ws://127.0.0.1:1/a\n")
	if got, _ := out.Last(); got != "Debugger of mine\nbye" {
		t.Errorf("last: got %q", got)
	}
}

// A full disk costs the log: the app goes on, and its last words are kept.
func TestOutputOnAFullDisk(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("no /dev/full here")
	}
	out := readAll(t, "/dev/full", nil, strings.Repeat("x", 1<<17), "\nFATAL ERROR: Reached heap limit\n")
	got, oom := out.Last()
	if !strings.HasSuffix(got, "Reached heap limit") || !oom {
		t.Errorf("last: got %d bytes, out of memory %v, want V8's last words", len(got), oom)
	}
}

// Of a target that prints without end the first and the last part are kept, and
// what is between them is told.
func TestOutputBoundsTheLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "target.log")
	const lines, length = 500_000, 80 // 40 MB
	var b strings.Builder
	for i := range lines {
		fmt.Fprintf(&b, "%0*d\n", length-1, i)
	}
	readAll(t, path, nil, b.String())
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const kept = logHead + logTail
	first, last, _ := strings.Cut(string(text), fmt.Sprintf("\n[leakcheck left out %d bytes here]\n", lines*length-kept))
	if !strings.HasPrefix(b.String(), first) || !strings.HasSuffix(b.String(), last) || len(first)+len(last) != kept {
		t.Errorf("got %d bytes, and %d and %d before and behind the mark, want %d", len(text), len(first), len(last), kept)
	}
}
