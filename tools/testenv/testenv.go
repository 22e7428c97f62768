// Package testenv provides what tests and tools need from the machine beyond
// Go: a Node of a given major version, npm packages, a MariaDB, a PostgreSQL. What has to be
// downloaded is kept in a cache; what is started is stopped by its Close.
package testenv

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// CacheDir is where downloads are kept between runs: a folder of the user's
// cache (see os.UserCacheDir), or of the temporary folder when there is none.
func CacheDir() string {
	base, err := os.UserCacheDir()
	if err != nil {
		base = os.TempDir()
	}
	return filepath.Join(base, "leakcheck-testenv")
}

// cached returns dir/key, and has fill make it first where it is missing. Fill
// works in a folder of its own that is then renamed, so that neither a crash
// nor a second process leaves a half-filled one behind.
func cached(dir, key string, fill func(tmp string) error) (string, error) {
	final := filepath.Join(dir, key)
	if _, err := os.Stat(final); err == nil {
		return final, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("make cache: %w", err)
	}
	tmp, err := os.MkdirTemp(dir, "."+key+"-")
	if err != nil {
		return "", fmt.Errorf("make cache: %w", err)
	}
	defer os.RemoveAll(tmp)
	if err := fill(tmp); err != nil {
		return "", err
	}
	err = os.Rename(tmp, final)
	if errors.Is(err, fs.ErrExist) {
		return final, nil // another process was faster
	}
	if err != nil {
		return "", fmt.Errorf("keep in cache: %w", err)
	}
	return final, nil
}
