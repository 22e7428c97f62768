// Gendocs writes the man pages and the shell completions that a release
// carries: gendocs FOLDER.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/cli"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: gendocs FOLDER")
		os.Exit(2)
	}
	if err := generate(cli.Command(), os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// generate writes man/*.1 and completions/* below dir. The pages carry no
// date, so that two builds of one commit are the same.
func generate(root *cobra.Command, dir string) error {
	man, completions := filepath.Join(dir, "man"), filepath.Join(dir, "completions")
	if err := errors.Join(os.MkdirAll(man, 0o755), os.MkdirAll(completions, 0o755)); err != nil {
		return fmt.Errorf("make folders: %w", err)
	}
	root.DisableAutoGenTag = true
	if err := doc.GenManTree(root, &doc.GenManHeader{Title: "LEAKCHECK", Section: "1", Source: "leakcheck"}, man); err != nil {
		return fmt.Errorf("write man pages: %w", err)
	}
	err := errors.Join(
		root.GenBashCompletionFileV2(filepath.Join(completions, "leakcheck.bash"), true),
		root.GenZshCompletionFile(filepath.Join(completions, "_leakcheck")),
		root.GenFishCompletionFile(filepath.Join(completions, "leakcheck.fish"), true),
	)
	if err != nil {
		return fmt.Errorf("write completions: %w", err)
	}
	return nil
}
