package command

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// IsPattern reports whether a path has wildcards and is no file itself, as
// app/[id]/leak.yaml may be.
func IsPattern(path string) bool {
	_, err := os.Lstat(path)
	return err != nil && strings.ContainsAny(path, "*?[")
}

// FindScenarios resolves patterns, sorted and each file once.
func FindScenarios(patterns []string) ([]string, error) {
	var files []string
	for _, p := range patterns {
		found := []string{p}
		if IsPattern(p) {
			var err error
			if found, err = glob(p); err != nil {
				return nil, BadUsage("", "find %s: %w", p, err)
			}
			if len(found) == 0 {
				return nil, BadUsage("quote the pattern, so that the shell leaves it alone", "no file matches %s", p)
			}
		}
		files = append(files, found...)
	}
	slices.Sort(files)
	return slices.Compact(files), nil
}

// glob is filepath.Glob with ** for any number of folders, node_modules and
// hidden ones aside.
func glob(pattern string) ([]string, error) {
	if !strings.Contains(pattern, "**") {
		return filepath.Glob(pattern)
	}
	pattern = filepath.Clean(pattern)
	if _, err := filepath.Match(pattern, ""); err != nil {
		return nil, err
	}
	root := filepath.Dir(pattern[:strings.IndexAny(pattern, `*?[\`)] + "x")
	parts := splitPath(pattern)
	var found []string
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && path != root && (e.Name() == "node_modules" || strings.HasPrefix(e.Name(), ".")):
			return fs.SkipDir
		case !e.IsDir() && matchParts(parts, splitPath(path)):
			found = append(found, path)
		}
		return nil
	})
	return found, err
}

func splitPath(path string) []string { return strings.Split(filepath.ToSlash(path), "/") }

// matchParts matches each part of a path by filepath.Match, and any number of
// them by **. The pattern is well formed.
func matchParts(pattern, parts []string) bool {
	switch {
	case len(pattern) == 0:
		return len(parts) == 0
	case pattern[0] == "**" && matchParts(pattern[1:], parts):
		return true
	case len(parts) == 0:
		return false
	case pattern[0] == "**":
		return matchParts(pattern, parts[1:])
	}
	same, err := filepath.Match(pattern[0], parts[0])
	return err == nil && same && matchParts(pattern[1:], parts[1:])
}
