// Package runcmd has the commands that measure, judge and report: run, demo, list,
// selftest, judge, report and merge.
package runcmd

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/archive"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/runner"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/settings"
	"github.com/leakcheck/leakcheck/scenarios"
	"github.com/leakcheck/leakcheck/verdict/report"
)

// runOptions are what the run command was asked for.
type runOptions struct {
	io       *command.Streams
	settings settings.Settings
	files    []string // scenarios, or patterns of them
}

// NewRun is the command run.
func NewRun(io *command.Streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "run FILE...",
		Short: "Measure scenarios and judge every endpoint against its budget",
		Long: "Start the scenario's target, load its endpoints in turn, and judge each against\n" +
			"its budget. The verdict goes to standard output, progress to standard error.\n\n" +
			"Several files, or a quoted pattern, are a suite. ** stands for any folders. The\n" +
			"scenarios run one after the other, and the worst outcome counts. --shard 2/5\n" +
			"runs the second of five parts.\n\n" +
			"--endpoint, --tag and --failed choose endpoints; what each of them chooses is\n" +
			"measured, and the verdict says how many were not.\n\n" +
			"Exit codes: 0 pass, 1 leak, 2 bad usage or scenario, 3 inconclusive,\n" +
			"4 target or environment failed, 5 load failed, 129, 130 and 143 interrupted.",
		Example: "  leakcheck run scenario.yaml\n" +
			"  leakcheck run scenario.yaml --report junit=leakcheck.xml --report html=leakcheck.html\n" +
			"  leakcheck run 'scenarios/**/*.yaml' --shard 2/5\n" +
			"  leakcheck run scenario.yaml --endpoint 'cart*' --quick",
		Args:              command.WantArgs(cobra.MinimumNArgs(1)),
		ValidArgsFunction: command.CompleteScenarios,
		RunE: settings.With(func(cmd *cobra.Command, s settings.Settings, args []string) error {
			return run(cmd.Context(), runOptions{io: io, settings: s, files: args})
		}),
	}
	settings.AddFlags(cmd.Flags(), settings.Keys()...)
	for flag, complete := range map[string]cobra.CompletionFunc{"endpoint": completeEndpoints, "tag": completeTags} {
		if err := cmd.RegisterFlagCompletionFunc(flag, complete); err != nil {
			panic(err) // the flags are declared above
		}
	}
	return cmd
}

// run measures, judges, stores and prints one scenario, or a suite of them.
func run(ctx context.Context, o runOptions) error {
	if o.isSuite() {
		return runSuite(ctx, o)
	}
	r, err := measure(ctx, o, o.files[0])
	if err != nil {
		return err
	}
	s := report.Of(r.Doc)
	tell(context.WithoutCancel(ctx), o, s)
	return finish(o, s, r.StoreErr)
}

// load reads a scenario and chooses what of it to measure.
func (o *runOptions) load(ctx context.Context, file string) (*scenarios.Scenario, error) {
	s, err := runner.LoadScenario(file)
	if err != nil {
		return nil, err
	}
	if !o.isSuite() {
		if err := runner.CheckSelection(o.settings, s); err != nil {
			return nil, err
		}
	}
	s, err = runner.Select(ctx, o.settings, s)
	if errors.Is(err, runner.ErrNothingSelected) {
		return nil, o.nothingSelected(file)
	}
	return s, err
}

// nothingSelected is the error of flags that leave no endpoint of what they are about.
func (o *runOptions) nothingSelected(what string) error {
	hint := "what --endpoint and --tag choose, they choose together"
	if o.settings.Failed {
		hint = "each endpoint passed when it was last measured; leave --failed away to measure them again"
	}
	return command.BadUsage(hint, "%s: %w", what, runner.ErrNothingSelected)
}

// measure makes one run, and says on standard error what went wrong in it.
func measure(ctx context.Context, o runOptions, file string) (*runner.Result, error) {
	base, err := archive.ReadBaseline(ctx, o.settings)
	if err != nil {
		return nil, err
	}
	s, err := o.load(ctx, file)
	if err != nil {
		return nil, err
	}
	sigs, ctx := command.CatchSignals(ctx)
	defer sigs.Release()
	r, err := runner.Runner{IO: o.io, Settings: o.settings}.Measure(ctx, runner.Job{Scenario: s, Seed: o.settings.Seed, Baseline: base, Signals: sigs})
	if err != nil {
		return nil, err
	}
	command.PrintError(o.io.Err, r.HistoryErr)
	if r.Signal == nil {
		command.PrintError(o.io.Err, r.Err)
		if log := r.Folder.Log(); r.Err != nil && r.Doc.Verdict == nil && log != "" {
			fmt.Fprintln(o.io.Err, "Log:", log) // a verdict names it itself
		}
	}
	return r, nil
}

// finish writes the reports that were asked for, prints the suite, and turns the
// outcome into the command's error. The reports come first: standard output may be
// a terminal that is gone.
func finish(o runOptions, s report.Suite, storeErr error) error {
	storeErr = errors.Join(storeErr, writeReports(o.io.Out, o.settings.Reports, s))
	if err := printSuite(o.io, o.settings, s); err != nil {
		return errors.Join(err, storeErr)
	}
	if storeErr != nil {
		command.PrintError(o.io.Err, storeErr)
		if s.ExitCode == command.ExitPass {
			return command.Reported(command.ExitTarget)
		}
	}
	return command.Reported(s.ExitCode)
}

// printSuite prints the verdict in the form asked for.
func printSuite(io *command.Streams, s settings.Settings, suite report.Suite) error {
	if s.JSON {
		return report.SuiteJSON(io.Out, suite)
	}
	if d := suite.Runs; len(d) == 1 && len(suite.Problems) == 0 && d[0].Verdict == nil && d[0].Diagnosis == nil && d[0].Failure != nil {
		return nil // the error on standard error says it all
	}
	columns := 0
	if io.OutTTY {
		columns, _ = io.Size()
	}
	if err := report.SuiteText(io.Out, suite, report.Style{Color: s.UseColor(io.OutTTY), Width: columns, All: s.All}); err != nil {
		return command.BadMachine("", "%w", err)
	}
	return nil
}
