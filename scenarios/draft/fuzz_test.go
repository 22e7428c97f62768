package draft

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/leakcheck/leakcheck/scenarios"
)

// FuzzFrom: whatever a file says, and whatever it is taken for, a draft of it is a
// scenario, or there is an error. Memory is bounded by the file's size.
func FuzzFrom(f *testing.F) {
	all, err := filepath.Glob("testdata/*.*")
	if err != nil {
		f.Fatal(err)
	}
	kinds := []Kind{OpenAPI, Postman, Insomnia, Artillery, HAR, Targets, AccessLog}
	for _, path := range all {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		if kind, err := KindOf(path); err == nil && filepath.Ext(path) != ".golden" {
			for i, k := range kinds {
				if k == kind {
					f.Add(text, uint8(i))
				}
			}
		}
	}
	f.Add([]byte("GET http://x/\u202e\n"), uint8(5))
	f.Fuzz(func(t *testing.T, text []byte, kind uint8) {
		dir := t.TempDir()
		path := filepath.Join(dir, "source")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		d, err := From(path, kinds[int(kind)%len(kinds)], dir, Options{All: true})
		if err != nil {
			return
		}
		if _, err := scenarios.Parse(filepath.Join(dir, "scenario.yaml"), d.YAML()); err != nil {
			t.Errorf("the draft is no scenario: %v\n%s", err, d.YAML())
		}
	})
}
