// Package selftest holds the app that leakcheck selftest measures: it leaks as
// many bytes per request as it is told to.
package selftest

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Names in the scenario: the endpoint that leaks, and the variable that says
// how many bytes per request.
const (
	Leaking  = "keep"
	Variable = "LEAK"
)

//go:embed app
var app embed.FS

// Extract writes the app to a folder, which is made where it is missing, and
// returns the path of its scenario there.
func Extract(dir string) (scenarioPath string, err error) {
	files, err := fs.Sub(app, "app")
	if err == nil {
		err = os.CopyFS(dir, files)
	}
	if err != nil {
		return "", fmt.Errorf("extract selftest's app: %w", err)
	}
	return filepath.Join(dir, "scenario.yaml"), nil
}
