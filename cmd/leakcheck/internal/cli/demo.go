package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/leakcheck/leakcheck/scenarios/catalog"
)

// demoOptions are what the demo command was asked for.
type demoOptions struct {
	io       *streams
	settings settings
	name     string
	variant  string // "" is the first one
	dir      string // where to keep the app; "" is a temporary folder
}

func newDemoCommand(io *streams) *cobra.Command {
	o := demoOptions{io: io}
	cmd := &cobra.Command{
		Use:               "demo NAME",
		Short:             "Run a bundled scenario with its app",
		Example:           "  leakcheck demo quickstart\n  leakcheck demo lru-cache --dir ./lru",
		Args:              wantArgs(cobra.ExactArgs(1)),
		ValidArgsFunction: completeCases,
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if o.settings, err = loadSettings(cmd.Flags()); err != nil {
				return err
			}
			o.name = args[0]
			return demo(cmd.Context(), o)
		},
	}
	cmd.Flags().StringVar(&o.variant, "variant", "", "leaky or fixed, as leakcheck list shows them; default: the first")
	cmd.Flags().StringVar(&o.dir, "dir", "", "folder to put the app in and keep; default: a temporary one")
	return cmd
}

func demo(ctx context.Context, o demoOptions) (err error) {
	c, err := findCase(o.name, o.variant)
	if err != nil {
		return err
	}
	dir := o.dir
	if dir == "" {
		if dir, err = os.MkdirTemp("", "leakcheck-"+c.Name+"-"); err != nil {
			return badMachine("", "make demo folder: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	file, err := c.Extract(dir)
	if err != nil {
		return badMachine("--dir names another folder", "extract %s: %w", c.Name, err)
	}
	if err := installPackages(ctx, o, filepath.Dir(file)); err != nil {
		return err
	}
	return run(ctx, runOptions{io: o.io, settings: o.settings, file: file})
}

// findCase finds a case by name and variant, and says what there is instead.
func findCase(name, variant string) (catalog.Case, error) {
	groups := groupCases(catalog.Cases())
	i := slices.IndexFunc(groups, func(g []catalog.Case) bool { return g[0].Name == name })
	if i < 0 {
		return catalog.Case{}, badUsage("leakcheck list shows the names", "no bundled scenario %q", name)
	}
	if variant == "" {
		return groups[i][0], nil
	}
	var known []string
	for _, c := range groups[i] {
		if c.Variant == variant {
			return c, nil
		}
		known = append(known, c.Variant)
	}
	return catalog.Case{}, badUsage("variants: "+joinComma(known), "%s has no variant %q", name, variant)
}

// installPackages runs npm ci where the app has a lock file and no packages
// yet.
func installPackages(ctx context.Context, o demoOptions, dir string) error {
	if !exists(filepath.Join(dir, "package-lock.json")) || exists(filepath.Join(dir, "node_modules")) {
		return nil
	}
	if !o.settings.quiet {
		fmt.Fprintln(o.io.err, "installing the app's packages")
	}
	cmd := exec.CommandContext(ctx, "npm", "ci", "--no-audit", "--no-fund", "--loglevel=error")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return badMachine(strings.TrimSpace(lastLine(string(out))), "npm ci: %w", err)
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

func joinComma(all []string) string { return strings.Join(all, ", ") }
