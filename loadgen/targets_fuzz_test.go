package loadgen

import (
	"os"
	"path/filepath"
	"testing"
)

// FuzzReadTargets: whatever a targets file says, its targets can be prepared, or
// there is an error. What it reads is bounded by its size and maxTargets.
func FuzzReadTargets(f *testing.F) {
	for _, text := range []string{
		"GET http://x/a\nA: b\n\nPOST http://x/b\n@body.txt\n", "GET http://x/\n@/dev/zero\n", "# none\n",
		`{"method": "GET", "url": "http://x/a", "header": {"A": ["b"]}, "body": "eA=="}` + "\n",
	} {
		f.Add([]byte(text), true)
		f.Add([]byte(text), false)
	}
	f.Fuzz(func(t *testing.T, text []byte, json bool) {
		dir := t.TempDir()
		file := filepath.Join(dir, "targets")
		for name, content := range map[string][]byte{file: text, filepath.Join(dir, "body.txt"): []byte("body")} {
			if err := os.WriteFile(name, content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		format := "http"
		if json {
			format = "json"
		}
		bs, err := readTargets(file, format, nil)
		if err == nil && len(bs) == 0 {
			t.Error("no targets, and no error")
		}
	})
}
