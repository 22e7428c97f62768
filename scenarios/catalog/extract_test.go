package catalog

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestExtract(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	c, err := Find("lazy-routes")
	if err != nil {
		t.Fatal(err)
	}
	path, err := c.Extract(dir)
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(dir, "scenario.yaml"); path != want {
		t.Errorf("scenario is %s, want %s", path, want)
	}
	var got []string
	err = fs.WalkDir(os.DirFS(dir), ".", func(path string, entry fs.DirEntry, err error) error {
		if !entry.IsDir() {
			got = append(got, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"README.md", "case.yaml", "routes/invoices.js", "routes/payments.js",
		"routes/refunds.js", "routes/taxes.js", "scenario.yaml", "server.js",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

// TestExtractAgain: the second twin goes where the first is, and keeps what npm
// has installed there.
func TestExtractAgain(t *testing.T) {
	dir := t.TempDir()
	stale := filepath.Join(dir, "server.js")
	installed := filepath.Join(dir, "node_modules")
	if err := os.WriteFile(stale, []byte("stale"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(installed, 0o700); err != nil {
		t.Fatal(err)
	}
	c, err := Find("express-middleware/fixed")
	if err != nil {
		t.Fatal(err)
	}
	path, err := c.Extract(dir)
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(dir, "fixed.yaml"); path != want {
		t.Errorf("scenario is %s, want %s", path, want)
	}
	if content, err := os.ReadFile(stale); err != nil || string(content) == "stale" {
		t.Errorf("server.js was not overwritten: %v", err)
	}
	if _, err := os.Stat(installed); err != nil {
		t.Errorf("node_modules is gone: %v", err)
	}
}

func TestExtractRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Cases()[0].Extract(file); err == nil {
		t.Error("Extract to a path that is a file: no error")
	}
}
