package runcmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/archive"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/outfile"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/runner"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/settings"
	"github.com/leakcheck/leakcheck/harness"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/scenarios"
	"github.com/leakcheck/leakcheck/verdict/report"
)

// isSuite reports whether more than one plain file was asked for.
func (o *runOptions) isSuite() bool {
	return len(o.files) > 1 || o.settings.Shard.Of > 0 || command.IsPattern(o.files[0])
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
	m, err := o.plan(ctx)
	if err != nil {
		return err
	}
	path := filepath.Join(o.settings.RunsDir, manifestPrefix+archive.NewFolder("").ID+".json")
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
	tell(context.WithoutCancel(ctx), o, s)
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
		run.Run = done.Folder.ID
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
func (o *runOptions) plan(ctx context.Context) (*manifest, error) {
	files, err := o.find(ctx)
	if err != nil {
		return nil, err
	}
	if n := o.settings.Shard.Of; n > len(files) {
		return nil, command.BadUsage("a part without a scenario would measure nothing", "--shard: %d parts of %s", n, unit.Plural(len(files), "scenario"))
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

// find finds the scenarios that have something to measure, and checks them all.
func (o *runOptions) find(ctx context.Context) ([]string, error) {
	files, err := command.FindScenarios(o.files)
	if err != nil {
		return nil, err
	}
	var all []*scenarios.Scenario
	var problems []error
	for _, file := range files {
		s, err := checkScenario(file)
		if err != nil {
			command.PrintError(o.io.Err, err)
			problems = append(problems, err)
		}
		all = append(all, s)
	}
	if len(problems) > 0 {
		return nil, command.Reported(command.CodeOf(problems[0]))
	}
	return o.choose(ctx, files, all)
}

// choose keeps the files of the scenarios of which something is selected.
func (o *runOptions) choose(ctx context.Context, files []string, all []*scenarios.Scenario) ([]string, error) {
	if err := runner.CheckSelection(o.settings, all...); err != nil {
		return nil, err
	}
	var kept []string
	for i, s := range all {
		_, err := runner.Select(ctx, o.settings, s)
		switch {
		case err == nil:
			kept = append(kept, files[i])
		case !errors.Is(err, runner.ErrNothingSelected):
			return nil, err
		}
	}
	if len(kept) == 0 {
		return nil, o.nothingSelected(unit.Plural(len(files), "scenario"))
	}
	return kept, nil
}

// checkScenario says what would keep a scenario from being run, and starts
// nothing.
func checkScenario(file string) (*scenarios.Scenario, error) {
	s, err := runner.LoadScenario(file)
	if err != nil {
		return nil, err
	}
	if _, err := harness.Compile(s, harness.Options{}); err != nil {
		return nil, runner.CannotRun(file, err)
	}
	return s, nil
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
