package testenv

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// InstallPackages gives the app in dir the node_modules that its
// package-lock.json names: installed once for each lock file and linked into
// place, so that a hundred runs of an app install once. It runs no install
// scripts.
func InstallPackages(ctx context.Context, dir string) error {
	lock, err := os.ReadFile(filepath.Join(dir, "package-lock.json"))
	if err != nil {
		return fmt.Errorf("read lock file: %w", err)
	}
	sum := sha256.Sum256(lock)
	kept, err := cached(filepath.Join(CacheDir(), "npm"), hex.EncodeToString(sum[:8]), func(tmp string) error {
		for _, name := range []string{"package.json", "package-lock.json"} {
			if err := copyFile(filepath.Join(tmp, name), filepath.Join(dir, name)); err != nil {
				return err
			}
		}
		return npm(ctx, tmp, "ci", "--ignore-scripts")
	})
	if err != nil {
		return fmt.Errorf("install packages of %s: %w", dir, err)
	}
	if err := os.Symlink(filepath.Join(kept, "node_modules"), filepath.Join(dir, "node_modules")); err != nil {
		return fmt.Errorf("link packages: %w", err)
	}
	return nil
}

// npm runs one npm command in dir; its error holds what npm said.
func npm(ctx context.Context, dir, verb string, args ...string) error {
	cmd := exec.CommandContext(ctx, "npm", append([]string{verb, "--no-audit", "--no-fund", "--loglevel=error"}, args...)...)
	cmd.Dir = dir
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("npm %s: %w\n%s", verb, err, bytes.TrimSpace(said.Bytes()))
	}
	return nil
}

func copyFile(to, from string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o644)
}
