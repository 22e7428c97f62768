package runcmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/runner"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/settings"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/scenarios/selftest"
	"github.com/leakcheck/leakcheck/verdict"
)

// selftestOptions are what the selftest command was asked for.
type selftestOptions struct {
	io       *command.Streams
	settings settings.Settings
	quick    bool
	signals  *command.Signals
}

// injection is a size of leak, in detection limits beyond the budget.
type injection struct {
	limits float64
	// promised: a leak of this size is to be found. Smaller ones may be.
	promised bool
}

// sizes are around the detection limit: leakcheck promises to find what is
// twice as large.
func (o selftestOptions) sizes() []injection {
	if o.quick {
		return []injection{{2, true}}
	}
	return []injection{{0.5, false}, {2, true}, {5, true}}
}

// NewSelftest is the command selftest.
func NewSelftest(io *command.Streams) *cobra.Command {
	o := selftestOptions{io: io}
	cmd := &cobra.Command{
		Use:   "selftest",
		Short: "Prove on this machine that leaks are found, and that there are no false alarms",
		Long: "Measure a bundled app that does not leak, and the same app with leaks of known\n" +
			"sizes around the detection limit. It takes about two minutes.\n\n" +
			"Exit codes: 0 when the clean app passes and each leak of twice the detection\n" +
			"limit is found at its endpoint, 4 when this machine cannot do that.",
		Example: "  leakcheck selftest\n  leakcheck selftest --quick --json",
		Args:    command.WantArgs(cobra.NoArgs),
		RunE: settings.With(func(cmd *cobra.Command, s settings.Settings, _ []string) error {
			o.settings = s
			return runSelftest(cmd.Context(), o)
		}),
	}
	settings.AddFlags(cmd.Flags(), "quiet", "seed")
	settings.AddJSON(cmd.Flags(), "the findings")
	cmd.Flags().BoolVar(&o.quick, "quick", false, "one leak only, of twice the detection limit (about a minute)")
	return cmd
}

func runSelftest(ctx context.Context, o selftestOptions) (err error) {
	dir, err := os.MkdirTemp("", "leakcheck-selftest-")
	if err != nil {
		return command.BadMachine("", "make selftest folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	file, err := selftest.Extract(filepath.Join(dir, "app"))
	if err != nil {
		return command.BadMachine("is the disk full?", "%w", err)
	}
	sigs, ctx := command.CatchSignals(ctx)
	defer sigs.Release()
	o.signals = sigs
	r, err := o.measureAll(ctx, file)
	switch {
	case sigs.Caught() != nil:
		return command.Reported(command.SignalCode(sigs.Caught()))
	case err != nil:
		return err
	}
	if err := r.print(o.io.Out, o.settings.JSON); err != nil {
		return command.BadMachine("", "%w", err)
	}
	if len(r.Broken) > 0 {
		return command.Reported(command.ExitTarget)
	}
	return nil
}

// briefly is how long a leak that need not be found is looked for: near the
// budget, more rounds would go on to the end.
const briefly = 40 * time.Second

// measureAll measures the clean app, and then each leak.
func (o selftestOptions) measureAll(ctx context.Context, file string) (*selftestResult, error) {
	clean, err := o.measure(ctx, file, 0, 0)
	if err != nil {
		return nil, err
	}
	r := newSelftestResult(clean)
	for _, s := range o.sizes() {
		size := r.budget() + unit.BytesPerRequest(s.limits)*r.MinDetectable
		atMost := briefly
		if s.promised {
			atMost = 0
		}
		v, err := o.measure(ctx, file, size, atMost)
		if err != nil {
			return nil, err
		}
		r.inject(size, s.promised, v)
	}
	r.check()
	return r, nil
}

// measure runs the app with a leak of some size, for the scenario's duration
// where atMost is 0.
func (o selftestOptions) measure(ctx context.Context, file string, leak unit.BytesPerRequest, atMost time.Duration) (*verdict.Verdict, error) {
	s, err := runner.LoadScenario(file)
	if err != nil {
		return nil, err
	}
	if !o.settings.Quiet {
		fmt.Fprintf(o.io.Err, "an app that leaks %s\n", leak)
	}
	r := runner.Runner{IO: o.io, Settings: settings.Settings{
		RunsDir: filepath.Join(filepath.Dir(filepath.Dir(file)), "runs"), History: settings.HistoryOff,
		Inconclusive: command.ExitInconclusive, MaxDuration: atMost, NoDiagnose: true, Quiet: o.settings.Quiet,
	}}
	done, err := r.Measure(ctx, runner.Job{
		Scenario: s, Seed: o.settings.Seed, Signals: o.signals,
		LookupEnv: func(name string) (string, bool) {
			if name == selftest.Variable {
				return fmt.Sprint(float64(leak)), true
			}
			return os.LookupEnv(name)
		},
	})
	if err != nil {
		return nil, err
	}
	return done.Doc.Verdict, done.Err
}
