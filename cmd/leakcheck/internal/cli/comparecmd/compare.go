// Package comparecmd has the commands that compare commits: compare and bisect.
package comparecmd

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/settings"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/verdict/compare"
	"github.com/leakcheck/leakcheck/verdict/report"
)

// compareOptions are what the compare command was asked for.
type compareOptions struct {
	io         *command.Streams
	settings   settings.Settings
	base, head string
	scenario   string // file, "" when not given
	run        bool
	changed    bool // endpoints whose routes' files changed get most of the time
	pairs      int
	tolerance  string
	judged     compare.Options
}

// NewCompare is the command compare.
func NewCompare(io *command.Streams) *cobra.Command {
	o := compareOptions{io: io}
	cmd := &cobra.Command{
		Use:   "compare BASE HEAD [SCENARIO]",
		Short: "Compare two revisions, runs or recordings: did it get worse?",
		Long: "BASE and HEAD are git revisions, ids of runs, or recordings. Runs are comparable if\n" +
			"they have the same Node.js version and kind of machine, and an endpoint is if its\n" +
			"request, its load and the target are the same. --run measures both revisions now,\n" +
			"in worktrees of their own and in turns (A B B A), each time in a fresh process.\n" +
			"With --run, \".\" is the working tree: what you have changed and not committed,\n" +
			"but for what git ignores.\n\n" +
			"Exit codes: 0 no regression, 1 a regression beyond the tolerance (also within\n" +
			"budget), 3 inconclusive, else as run.",
		Example: "  leakcheck compare main HEAD scenario.yaml --run\n" +
			"  leakcheck compare HEAD . scenario.yaml --run\n" +
			"  leakcheck compare v1.4.0 v1.5.0\n  leakcheck compare 20261121-150405-ab12cd recording.jsonl",
		Args: command.WantArgs(cobra.RangeArgs(2, 3)),
		RunE: settings.With(func(cmd *cobra.Command, s settings.Settings, args []string) error {
			o.settings = s
			o.base, o.head = args[0], args[1]
			if len(args) == 3 {
				o.scenario = args[2]
			}
			return runCompare(cmd.Context(), o)
		}),
	}
	settings.AddFlags(cmd.Flags(), "all", "color", "endpoint", "history", "inconclusive", "json", "keep-snapshots", "max-duration", "no-diagnose", "quiet", "report", "runs-dir", "seed")
	cmd.Flags().BoolVar(&o.run, "run", false, "measure both revisions now, in turns")
	cmd.Flags().BoolVar(&o.changed, "changed", false, "with --run, measure endpoints whose route's file did not change only once")
	cmd.Flags().IntVar(&o.pairs, "pairs", 2, "runs of each revision, with --run")
	addCompareFlags(cmd, &o.tolerance, &o.judged)
	return cmd
}

// addCompareFlags declares what compare and bisect judge by.
func addCompareFlags(cmd *cobra.Command, tolerance *string, judged *compare.Options) {
	cmd.Flags().StringVar(tolerance, "tolerance", "", "change that does not matter: 10% or 0.2MB/h; default: 5 bytes per request, or 10% if more")
	cmd.Flags().Float64Var(&judged.Confidence, "confidence", compare.DefaultConfidence, "of the whole comparison, between 0.5 and 1")
}

func runCompare(ctx context.Context, o compareOptions) error {
	if err := errors.Join(parseCompare(o.tolerance, &o.judged), checkReports(o.settings.Reports)); err != nil {
		return err
	}
	if !o.run && (o.base == workingTree || o.head == workingTree) {
		return command.BadUsage("add --run", "the working tree is in no history: it has to be measured")
	}
	base, head, looked, err := sides(ctx, o)
	if err != nil {
		return err
	}
	known := compare.EndpointNames(base, head)
	if err := command.CheckNames("endpoint", o.settings.Endpoints, known); err != nil {
		return err
	}
	o.judged.Endpoints = command.Matching(o.settings.Endpoints, known)
	c := compare.Compare(base, head, o.judged)
	code := comparisonCode(&c, o.settings)
	err = answer(o.io, o.settings, report.Comparison{
		Comparison: &c, ExitCode: code, ScenarioFile: o.scenarioFile(), Looked: looked, Again: o.again(&c),
	})
	if err != nil {
		return err
	}
	return command.Reported(code)
}

// sides measures both revisions, or finds what was measured of them. What was found
// in head's code is nil where that is nothing.
func sides(ctx context.Context, o compareOptions) (base, head compare.Side, looked []*report.Document, err error) {
	if o.run {
		return measureSides(ctx, o)
	}
	base, head, err = findSides(ctx, o)
	return base, head, nil, err
}

// parseCompare reads "10%" and "0.2MB/h".
func parseCompare(tolerance string, o *compare.Options) error {
	if !(o.Confidence > 0.5 && o.Confidence < 1) {
		return command.BadUsage("0.99 is the default", "--confidence: %v is not between 0.5 and 1", o.Confidence)
	}
	if tolerance == "" {
		return nil
	}
	if percent, ok := strings.CutSuffix(tolerance, "%"); ok {
		share, err := strconv.ParseFloat(percent, 64)
		if err != nil || share < 0 {
			return command.BadUsage("", "--tolerance: %q is not a percentage such as 10%%", tolerance)
		}
		share /= 100
		o.Relative = &share
		return nil
	}
	growth, err := unit.ParseMBPerHour(tolerance)
	if err != nil {
		return command.BadUsage("such as 10% or 0.2MB/h", "--tolerance: %w", err)
	}
	o.Tolerance = &growth
	return nil
}
