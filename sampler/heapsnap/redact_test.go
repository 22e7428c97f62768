package heapsnap_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leakcheck/leakcheck/sampler/heapsnap"
)

func TestRedactSmall(t *testing.T) {
	source := strings.Replace(small, `"secret"`, `"s\u00e9c\n\"é😀"`, 1) // 7 characters, one of two UTF-16 units
	var out bytes.Buffer
	if _, err := heapsnap.Redact(&out, strings.NewReader(source)); err != nil {
		t.Fatal(err)
	}
	want := strings.Replace(small, `"secret"`, `"xxxxxxx"`, 1)
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("copy (-want +got):\n%s", diff)
	}
}

// The copy of a real snapshot holds none of its program's data, and all of its
// graph: DevTools finds the same in it.
func TestRedact(t *testing.T) {
	if testing.Short() {
		t.Skip("downloads Node and DevTools' code")
	}
	original := writeSnapshot(t, 24, 300)
	f, err := os.Open(original)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	copied := filepath.Join(t.TempDir(), "redacted.heapsnapshot.gz")
	before, err := heapsnap.SaveRedacted(copied, f)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(copied)
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("mode: got %v, %v, want 0600", info.Mode(), err)
	}
	text, plain := unpack(t, copied)
	raw, err := os.ReadFile(original)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"agent 17", "/items/17", "session17", "key 17"} {
		if !bytes.Contains(raw, []byte(secret)) {
			t.Errorf("%q is not in the original", secret)
		}
		if bytes.Contains(text, []byte(secret)) {
			t.Errorf("%q is in the copy", secret)
		}
	}
	for _, name := range []string{"userAgent", "Session", "requestLogs", "onData", "heap.js"} {
		if !bytes.Contains(text, []byte(name)) {
			t.Errorf("%q is not in the copy", name)
		}
	}
	want := analyseWithDevTools(t, installDevTools(t), plain)
	before.Analyze()
	compareNodes(t, before, want)
}

// unpack writes a file that is packed by gzip out beside it.
func unpack(t *testing.T, path string) (text []byte, plain string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	if text, err = io.ReadAll(z); err != nil {
		t.Fatal(err)
	}
	plain = strings.TrimSuffix(path, ".gz")
	if err := os.WriteFile(plain, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return text, plain
}
