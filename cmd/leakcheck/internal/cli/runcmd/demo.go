package runcmd

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

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/settings"
	"github.com/leakcheck/leakcheck/scenarios/catalog"
)

// demoOptions are what the demo command was asked for.
type demoOptions struct {
	io       *command.Streams
	settings settings.Settings
	name     string
	variant  string // "" is what the name says
	dir      string // where to keep the app; "" is a temporary folder
}

// NewDemo is the command demo.
func NewDemo(io *command.Streams) *cobra.Command {
	o := demoOptions{io: io}
	cmd := &cobra.Command{
		Use:               "demo NAME",
		Short:             "Run a bundled scenario with its app",
		Example:           "  leakcheck demo quickstart\n  leakcheck demo quickstart --variant fixed\n  leakcheck demo lru-cache --dir ./lru",
		Args:              command.WantArgs(cobra.ExactArgs(1)),
		ValidArgsFunction: completeCases,
		RunE: settings.With(func(cmd *cobra.Command, s settings.Settings, args []string) error {
			o.settings = s
			o.name = args[0]
			return demo(cmd.Context(), o)
		}),
	}
	settings.AddFlags(cmd.Flags(), settings.Keys("shard")...)
	cmd.Flags().StringVar(&o.variant, "variant", "", "leaky, fixed or healthy, as leakcheck list shows them; default: the leaky one")
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
			return command.BadMachine("", "make demo folder: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	file, err := c.Extract(dir)
	if err != nil {
		return command.BadMachine("--dir names another folder", "%w", err)
	}
	if c.Packages {
		if err := installPackages(ctx, o, filepath.Dir(file)); err != nil {
			return err
		}
	}
	return run(ctx, runOptions{io: o.io, settings: o.settings, files: []string{file}})
}

// findCase finds a case by its name, which may end in "/fixed", or by name and
// variant.
func findCase(name, variant string) (catalog.Case, error) {
	if variant != "" {
		name += "/" + variant
	}
	c, err := catalog.Find(name)
	if err != nil {
		return c, command.BadUsage("leakcheck list shows names and variants", "%w", err)
	}
	if slices.Contains(c.Services, "mariadb") && os.Getenv("DB_HOST") == "" {
		return c, command.BadUsage("set DB_HOST, DB_PORT, DB_USER and DB_PASSWORD", "%s needs a MariaDB server", c)
	}
	return c, nil
}

// installPackages runs npm ci, unless a kept folder has the packages already.
func installPackages(ctx context.Context, o demoOptions, dir string) error {
	if _, err := os.Stat(filepath.Join(dir, "node_modules")); err == nil {
		return nil
	}
	if !o.settings.Quiet {
		fmt.Fprintln(o.io.Err, "installing the app's packages")
	}
	signals, ctx := command.CatchSignals(ctx)
	defer signals.Release()
	cmd := exec.CommandContext(ctx, "npm", "ci", "--no-audit", "--no-fund", "--loglevel=error")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if sig := signals.Caught(); sig != nil {
		return &command.Failure{Code: command.SignalCode(sig), Err: fmt.Errorf("npm ci: %w", context.Cause(ctx))}
	}
	if err != nil {
		return command.BadMachine(strings.TrimSpace(lastLine(string(out))), "npm ci: %w", err)
	}
	return nil
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}
