package catalog

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Extract writes the case's folder to dir, which is made where it is missing,
// and returns the path of its scenario there. Files that stand in dir are
// overwritten, others (node_modules) are left alone. Both twins of a name share
// one folder.
func (c Case) Extract(dir string) (scenarioPath string, err error) {
	if err := copyTree(c.files, dir); err != nil {
		return "", fmt.Errorf("extract %s: %w", c, err)
	}
	return filepath.Join(dir, c.scenario()), nil
}

// scenario is the file of the case's scenario within its folder.
func (c Case) scenario() string {
	if c.Variant == Fixed {
		return fixedFile
	}
	return scenarioFile
}

func copyTree(source fs.FS, dir string) error {
	return fs.WalkDir(source, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := filepath.Join(dir, filepath.FromSlash(path))
		if entry.IsDir() {
			return os.MkdirAll(target, 0o755)
		}
		content, err := fs.ReadFile(source, path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, content, 0o644)
	})
}
