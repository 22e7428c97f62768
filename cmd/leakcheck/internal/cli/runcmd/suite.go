package runcmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/archive"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/outfile"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/runner"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/settings"
	"github.com/leakcheck/leakcheck/harness"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/verdict/report"
)

// isSuite says that more than one plain file was asked for.
func (o *runOptions) isSuite() bool {
	return len(o.files) > 1 || o.settings.Shard.Of > 0 || isPattern(o.files[0])
}

// isPattern says that a path has wildcards and is no file itself, as
// app/[id]/leak.yaml may be.
func isPattern(path string) bool {
	_, err := os.Lstat(path)
	return err != nil && strings.ContainsAny(path, "*?[")
}

// manifest is what a suite, or one part of it, was to run and did run. It is
// how merge sees that nothing is missing. Folders stand beside it.
type manifest struct {
	Schema int           `json:"schema"`
	Shard  int           `json:"shard"` // from 1 on
	Of     int           `json:"of"`
	All    []string      `json:"all"`  // the scenarios of all parts
	Mine   []manifestRun `json:"mine"` // those of this part
}

// manifestRun is one scenario of a part. Run is "" until it has run.
type manifestRun struct {
	Scenario string `json:"scenario"`
	Run      string `json:"run"`
}

const (
	manifestSchema = 1
	manifestPrefix = "suite-"
)

func (m *manifest) write(path string) error {
	return outfile.Atomic(path, func(w io.Writer) error { return command.PrintJSON(w, m) })
}

// runSuite runs scenarios one after the other, whatever becomes of each, and
// keeps in a manifest what was to be run.
func runSuite(ctx context.Context, o runOptions) error {
	if _, err := archive.ReadBaseline(ctx, o.settings); err != nil {
		return err // no scenario could be run
	}
	m, err := o.plan()
	if err != nil {
		return err
	}
	path := filepath.Join(o.settings.RunsDir, manifestPrefix+archive.NewFolder("").Id+".json")
	if err := os.MkdirAll(o.settings.RunsDir, 0o755); err != nil {
		return command.BadMachine("--runs-dir names another folder", "make runs folder: %w", err)
	}
	if err := errors.Join(archive.IgnoreOurs(filepath.Dir(o.settings.RunsDir)), m.write(path)); err != nil {
		return command.BadMachine("is the disk full?", "store suite: %w", err)
	}
	runs, storeErr := measureAll(ctx, o, m, path)
	s := report.Join(runs, m.missing())
	if last := len(runs) - 1; last >= 0 && runs[last].ExitCode > command.ExitSignal {
		s.ExitCode = runs[last].ExitCode
	}
	return finish(o, s, storeErr)
}

// measureAll is what was measured, also where a scenario cannot be: it was
// changed since it was checked, or the machine fails. The error is of storing.
func measureAll(ctx context.Context, o runOptions, m *manifest, path string) (runs []report.Document, storeErr error) {
	for i := range m.Mine {
		run := &m.Mine[i]
		if !o.settings.Quiet {
			fmt.Fprintf(o.io.Err, "%s (%d of %d)\n", run.Scenario, i+1, len(m.Mine))
		}
		done, err := measure(ctx, o, run.Scenario)
		if err != nil {
			command.PrintError(o.io.Err, err)
			continue
		}
		run.Run = done.Folder.Id
		runs = append(runs, done.Doc)
		storeErr = errors.Join(storeErr, done.StoreErr, m.write(path))
		if done.Signal != nil {
			break
		}
	}
	return runs, storeErr
}

// plan finds the scenarios, checks them all before the first is started, and
// takes this part's.
func (o *runOptions) plan() (*manifest, error) {
	files, err := findScenarios(o.files)
	if err != nil {
		return nil, err
	}
	if n := o.settings.Shard.Of; n > len(files) {
		return nil, command.BadUsage("a part without a scenario would measure nothing", "--shard: %d parts of %s", n, unit.Plural(len(files), "scenario"))
	}
	var problems []error
	for _, file := range files {
		if err := checkScenario(file); err != nil {
			command.PrintError(o.io.Err, err)
			problems = append(problems, err)
		}
	}
	if len(problems) > 0 {
		return nil, command.Reported(command.CodeOf(problems[0]))
	}
	part := o.settings.Shard
	if part.Of == 0 {
		part = settings.Shard{Index: 1, Of: 1}
	}
	m := &manifest{Schema: manifestSchema, Shard: part.Index, Of: part.Of, All: files}
	mine := split(files, archive.RecordedDurations(o.settings.RunsDir), part.Of)[part.Index-1]
	slices.Sort(mine)
	for _, file := range mine {
		m.Mine = append(m.Mine, manifestRun{Scenario: file})
	}
	return m, nil
}

// checkScenario says what would keep a scenario from being run, and starts
// nothing.
func checkScenario(file string) error {
	s, err := runner.LoadScenario(file)
	if err != nil {
		return err
	}
	if _, err := harness.Compile(s, harness.Options{}); err != nil {
		return runner.CannotRun(file, err)
	}
	return nil
}

// missing lists what was to be run by this part and was not.
func (m *manifest) missing() []string {
	var out []string
	for _, r := range m.Mine {
		if r.Run == "" {
			out = append(out, r.Scenario+" was not run")
		}
	}
	return out
}

// findScenarios resolves patterns, sorted and each file once.
func findScenarios(patterns []string) ([]string, error) {
	var files []string
	for _, p := range patterns {
		found := []string{p}
		if isPattern(p) {
			var err error
			if found, err = glob(p); err != nil {
				return nil, command.BadUsage("", "find %s: %w", p, err)
			}
			if len(found) == 0 {
				return nil, command.BadUsage("quote the pattern, so that the shell leaves it alone", "no file matches %s", p)
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
