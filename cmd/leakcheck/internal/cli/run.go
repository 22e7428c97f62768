package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/leakcheck/leakcheck/verdict/report"
)

// runOptions are what the run command was asked for.
type runOptions struct {
	io       *streams
	settings settings
	files    []string // scenarios, or patterns of them
}

func newRunCommand(io *streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "run FILE...",
		Short: "Measure scenarios and judge every endpoint against its budget",
		Long: "Start the scenario's target, load its endpoints in turn, and judge each against\n" +
			"its budget. The verdict goes to standard output, progress to standard error.\n\n" +
			"Several files, or a quoted pattern in which ** stands for any folders, are a\n" +
			"suite: one after the other, with the worst outcome as that of all. --shard 2/5\n" +
			"runs the second of five parts of it.\n\n" +
			"Exit codes: 0 pass, 1 leak, 2 bad usage or scenario, 3 inconclusive,\n" +
			"4 target or environment failed, 5 load failed, 130 and 143 interrupted.",
		Example: "  leakcheck run scenario.yaml\n" +
			"  leakcheck run scenario.yaml --report junit=leakcheck.xml --report html=leakcheck.html\n" +
			"  leakcheck run 'scenarios/**/*.yaml' --shard 2/5",
		Args:              wantArgs(cobra.MinimumNArgs(1)),
		ValidArgsFunction: completeScenarios,
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := loadSettings(cmd.Flags())
			if err != nil {
				return err
			}
			return run(cmd.Context(), runOptions{io: io, settings: s, files: args})
		},
	}
	addSettings(cmd.Flags(), settingKeys()...)
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
	return finish(o, report.Of(r.doc), r.storeErr)
}

// measure makes one run, and says on standard error what went wrong in it.
func measure(ctx context.Context, o runOptions, file string) (*result, error) {
	base, err := readBaseline(ctx, o.settings)
	if err != nil {
		return nil, err
	}
	s, err := loadScenario(file)
	if err != nil {
		return nil, err
	}
	sigs, ctx := catchSignals(ctx)
	defer sigs.release()
	r, err := runner{o.io, o.settings}.measure(ctx, job{scenario: s, seed: o.settings.seed, baseline: base, signals: sigs})
	if err != nil {
		return nil, err
	}
	printError(o.io.err, r.historyErr)
	if r.signal == nil {
		printError(o.io.err, r.err)
		if log := r.folder.log(); r.err != nil && r.doc.Verdict == nil && log != "" {
			fmt.Fprintln(o.io.err, "Log:", log) // a verdict names it itself
		}
	}
	return r, nil
}

// finish prints the suite, writes the reports that were asked for, and turns
// the outcome into the command's error.
func finish(o runOptions, s report.Suite, storeErr error) error {
	if err := printSuite(o.io, o.settings, s); err != nil {
		return err
	}
	if storeErr = errors.Join(storeErr, writeReports(o.io.out, o.settings.reports, s)); storeErr != nil {
		printError(o.io.err, storeErr)
		if s.ExitCode == exitPass {
			return reported(exitTarget)
		}
	}
	return reported(s.ExitCode)
}

// printSuite prints the verdict in the form asked for.
func printSuite(io *streams, s settings, suite report.Suite) error {
	if s.json {
		return report.SuiteJSON(io.out, suite)
	}
	if d := suite.Runs; len(d) == 1 && len(suite.Problems) == 0 && d[0].Verdict == nil && d[0].Diagnosis == nil && d[0].Failure != nil {
		return nil // the error on standard error says it all
	}
	columns := 0
	if io.outTTY {
		columns, _ = io.size()
	}
	if err := report.SuiteText(io.out, suite, report.Style{Color: s.useColor(io.outTTY), Width: columns}); err != nil {
		return badMachine("", "%w", err)
	}
	return nil
}
