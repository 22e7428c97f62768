package comparecmd

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/repository"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/settings"
	"github.com/leakcheck/leakcheck/verdict/compare"
	"github.com/leakcheck/leakcheck/verdict/history"
	"github.com/leakcheck/leakcheck/verdict/report"
)

// bisectOptions are what the bisect command was asked for.
type bisectOptions struct {
	io        *command.Streams
	settings  settings.Settings
	good, bad string
	scenario  string
	tolerance string
	judged    compare.Options
}

// NewBisect is the command bisect.
func NewBisect(io *command.Streams) *cobra.Command {
	o := bisectOptions{io: io}
	cmd := &cobra.Command{
		Use:   "bisect GOOD BAD SCENARIO",
		Short: "Find the commit that made it worse, with git bisect",
		Long: "Measure both revisions, then those between them that git bisect asks for, in a\n" +
			"worktree of its own. A commit is bad if its leak rate is closer to BAD's than to\n" +
			"GOOD's. Commits that do not build, or are inconclusive, are skipped.\n\n" +
			"With git bisect run, use leakcheck run --inconclusive=125. It also skips commits\n" +
			"whose server does not start.",
		Example: "  leakcheck bisect v1.4.0 main scenario.yaml",
		Args:    command.WantArgs(cobra.ExactArgs(3)),
		RunE: settings.With(func(cmd *cobra.Command, s settings.Settings, args []string) error {
			o.settings = s
			o.good, o.bad, o.scenario = args[0], args[1], args[2]
			return bisect(cmd.Context(), o)
		}),
	}
	settings.AddFlags(cmd.Flags(), "all", "color", "endpoint", "history", "inconclusive", "json", "max-duration", "quiet", "report", "runs-dir", "seed")
	addCompareFlags(cmd, &o.tolerance, &o.judged)
	return cmd
}

// bisect measures both ends, lets git search, and reports.
func bisect(ctx context.Context, o bisectOptions) (err error) {
	if err := errors.Join(parseCompare(o.tolerance, &o.judged), checkReports(o.settings.Reports)); err != nil {
		return err
	}
	r, err := newRevisions(ctx, o.io, o.settings, o.scenario)
	if err != nil {
		return err
	}
	sigs, ctx := command.CatchSignals(ctx)
	r.signals = sigs
	defer func() {
		sigs.Release()
		err = interrupted(sigs, err)
	}()
	s, c, err := newSearch(ctx, r, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.tree.Remove(ctx)) }()
	bounds, regressed := c.Boundary()
	if !regressed {
		err := answer(o.io, o.settings, report.Comparison{Comparison: c, ExitCode: comparisonCode(c, o.settings)})
		if err != nil {
			return err
		}
		fmt.Fprintf(o.io.Err, "error: nothing to search for: %s is not shown to be worse than %s\n", o.bad, o.good)
		return nothingToSearch(c, o.settings)
	}
	s.bounds = bounds
	if err := s.search(ctx); err != nil {
		return err
	}
	return s.report(ctx, o)
}

// nothingToSearch is the exit code of ends that do not differ: not 0, which
// means that a commit was found.
func nothingToSearch(c *compare.Comparison, s settings.Settings) error {
	if c.Outcome == compare.Inconclusive && s.Inconclusive != command.ExitPass {
		return command.Reported(s.Inconclusive)
	}
	return command.Reported(command.ExitUsage)
}

// bisectJSON is what bisect prints with --json.
type bisectJSON struct {
	FirstBad   string              `json:"first_bad"` // "" when it could not be told
	Subject    string              `json:"subject"`
	Author     string              `json:"author"`
	Steps      []step              `json:"steps"`
	Comparison *compare.Comparison `json:"comparison"` // of the last good commit with the first bad one
}

// report prints the commit, what was measured on the way, and the comparison
// of the runs around it.
func (s *search) report(ctx context.Context, o bisectOptions) error {
	c := s.around(o.judged)
	out := bisectJSON{FirstBad: s.firstBad, Steps: s.steps, Comparison: c}
	if s.firstBad != "" {
		var err error
		if out.Author, err = repository.Git(ctx, s.tree.Dir, "log", "-1", "--format=%an, %as", s.firstBad); err != nil {
			return err
		}
		if out.Subject, err = repository.Git(ctx, s.tree.Dir, "log", "-1", "--format=%s", s.firstBad); err != nil {
			return err
		}
	}
	whole := report.Comparison{Comparison: c, ExitCode: comparisonCode(c, o.settings), Found: out.found()}
	if err := writeReports(o.io.Out, o.settings.Reports, whole); err != nil {
		return command.BadMachine("", "%w", err)
	}
	if o.settings.JSON {
		if err := command.PrintJSON(o.io.Out, out); err != nil {
			return err
		}
	} else if err := s.print(o, out); err != nil {
		return err
	}
	if s.firstBad == "" {
		return command.Reported(o.settings.Inconclusive)
	}
	return nil
}

func (s *search) print(o bisectOptions, out bisectJSON) error {
	t := tabwriter.NewWriter(o.io.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "  commit\tplace\tverdict\tgrowth")
	for _, st := range s.steps {
		fmt.Fprintf(t, "  %s\t%s\t%s\t%s\n", repository.Short(st.Commit), st.Place, st.Outcome, st.Growth)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(o.io.Out)
	if err := compare.Text(o.io.Out, out.Comparison, compare.TextOptions{Color: o.settings.UseColor(o.io.OutTTY), All: o.settings.All}); err != nil {
		return err
	}
	fmt.Fprintln(o.io.Out, out.found())
	return nil
}

// found is the answer in one line.
func (b *bisectJSON) found() string {
	if b.FirstBad == "" {
		return "First bad commit: cannot be told: only skipped commits are left"
	}
	return fmt.Sprintf("First bad commit: %s %s (%s)", repository.Short(b.FirstBad), b.Subject, b.Author)
}

// around compares the last good run with the first bad one, as commits stand:
// the regression at its sharpest.
func (s *search) around(o compare.Options) *compare.Comparison {
	good, bad := s.runs[compare.Good], s.runs[compare.Bad]
	base, head := good[len(good)-1], bad[len(bad)-1]
	c := compare.Compare(sideOf(&base), sideOf(&head), o)
	return &c
}

func sideOf(r *history.Run) compare.Side {
	return compare.Side{Name: r.ShortCommit(), Runs: []history.Run{*r}}
}
