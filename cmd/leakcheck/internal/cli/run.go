package cli

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/leakcheck/leakcheck/harness"
	"github.com/leakcheck/leakcheck/sampler/evidence"
	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/verdict"
	"github.com/leakcheck/leakcheck/verdict/diagnose"
	"github.com/leakcheck/leakcheck/verdict/report"
)

// runOptions are what the run command was asked for.
type runOptions struct {
	io       *streams
	settings settings
	file     string
}

func newRunCommand(io *streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "run FILE",
		Short: "Measure a scenario and judge every endpoint against its budget",
		Long: "Start the scenario's target, load its endpoints in turn, and judge each against\n" +
			"its budget. The verdict goes to standard output, progress to standard error.\n\n" +
			"Exit codes: 0 pass, 1 leak, 2 bad usage or scenario, 3 inconclusive,\n" +
			"4 target or environment failed, 5 load failed, 130 and 143 interrupted.",
		Example:           "  leakcheck run scenario.yaml\n  leakcheck run scenario.yaml --json --quiet > verdict.json",
		Args:              wantArgs(cobra.ExactArgs(1)),
		ValidArgsFunction: completeScenarios,
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := loadSettings(cmd.Flags())
			if err != nil {
				return err
			}
			return run(cmd.Context(), runOptions{io: io, settings: s, file: args[0]})
		},
	}
	addSettings(cmd.Flags(), settingKeys()...)
	return cmd
}

// run measures, judges, stores and prints. Whatever ends the measuring, what
// was recorded until then goes the same way.
func run(ctx context.Context, o runOptions) error {
	folder, plan, err := prepare(ctx, o)
	if err != nil {
		return err
	}
	view := newView(o.io, o.settings.quiet)
	sigs, ctx := catchSignals(ctx, view.Close)
	var found []evidence.Evidence
	h := hooks(view)
	if !o.settings.noDiagnose {
		h.Accuse = func(rec *recording.Recording) []int { return accuse(folder, rec, o.settings.inconclusive) }
		h.Evidence = func(e evidence.Evidence) { found = append(found, e) }
	}
	rec, runErr := harness.Run(ctx, plan, h)
	view.Close()
	sigs.release()

	doc, err := conclude(rec, runErr, sigs.caught(), o.settings.inconclusive)
	if err != nil {
		return err
	}
	doc.Dir = folder.dir
	if rec != nil {
		doc.Source = folder.dir
	}
	if len(found) > 0 {
		doc.Diagnosis = diagnose.Diagnose(doc.Verdict, found)
	}
	storeErr := errors.Join(folder.storeVerdict(doc), folder.storeDiagnosis(doc.Diagnosis))
	if err := remember(ctx, o.settings, doc); err != nil {
		printError(o.io.err, err)
	}
	if sigs.caught() == nil {
		printError(o.io.err, runErr)
		if log := folder.log(); runErr != nil && doc.Verdict == nil && log != "" {
			fmt.Fprintln(o.io.err, "Log:", log) // a verdict names it itself
		}
	}
	return finish(o, doc, storeErr)
}

// finish prints the document and turns it into the command's error.
func finish(o runOptions, doc report.Document, storeErr error) error {
	if err := printDocument(o.io, o.settings, doc); err != nil {
		return err
	}
	if storeErr != nil {
		printError(o.io.err, storeErr)
		if doc.ExitCode == exitPass {
			return reported(exitTarget)
		}
	}
	return reported(doc.ExitCode)
}

// prepare reads the scenario, compiles the plan and makes the run's folder,
// which a scenario that cannot be run does not leave behind.
func prepare(ctx context.Context, o runOptions) (*runFolder, *harness.Plan, error) {
	s, err := loadScenario(o.file)
	if err != nil {
		return nil, nil, err
	}
	folder := newRunFolder(o.settings.runsDir)
	if o.settings.seed != 0 {
		s.Run.Seed = o.settings.seed
	}
	git := readGit(ctx, s.Target.Dir)
	plan, err := harness.Compile(s, harness.Options{
		Dir: folder.dir, RunID: folder.id, Tool: readBuild().Version,
		Seed: randomSeed(), MaxDuration: o.settings.maxDuration,
		GitCommit: git.commit, GitDirty: git.dirty, GitTime: git.time,
	})
	if err != nil {
		return nil, nil, cannotRun(o.file, err)
	}
	err = folder.create()
	return folder, plan, err
}

// hooks join the measuring to the judging, and both to the view.
func hooks(view view) harness.Hooks {
	return harness.Hooks{
		Progress: view.Progress,
		Decide: func(rec *recording.Recording) harness.Decision {
			v, err := verdict.Judge(rec, verdict.Options{Live: true})
			if err != nil {
				return harness.Decision{} // ends the run; conclude reports it
			}
			view.Judged(v)
			endpoints, background := v.Undecided()
			return harness.Decision{Undecided: endpoints, Background: background, Drain: v.Transient}
		},
	}
}

// accuse keeps the verdict, which nothing that follows can change, and says what
// to look into: what leaks and is not waived, the largest growth first.
func accuse(folder *runFolder, rec *recording.Recording, inconclusive int) []int {
	doc, err := conclude(rec, nil, nil, inconclusive)
	if err != nil || doc.Outcome != verdict.Leak {
		return nil
	}
	doc.Dir, doc.Source = folder.dir, folder.dir
	_ = folder.storeVerdict(doc) // written again at the end, when an error is told
	return doc.Verdict.Leaking()
}

// printDocument prints the verdict in the form asked for.
func printDocument(io *streams, s settings, doc report.Document) error {
	if s.json {
		return report.JSON(io.out, doc)
	}
	if doc.Verdict == nil && doc.Failure != nil {
		return nil // the error on standard error says it all
	}
	columns := 0
	if io.outTTY {
		columns, _ = io.size()
	}
	if err := report.Text(io.out, doc, report.Style{Color: s.useColor(io), Width: columns}); err != nil {
		return badMachine("", "%w", err)
	}
	return nil
}

// conclude judges what was recorded, however the run ended. The error is one
// of leakcheck's own: a recording that it cannot judge.
func conclude(rec *recording.Recording, runErr error, sig os.Signal, inconclusive int) (report.Document, error) {
	doc := report.Document{Recording: rec}
	if rec != nil {
		v, err := verdict.Judge(rec, verdict.Options{})
		if err != nil && runErr == nil {
			return doc, fmt.Errorf("judge run: %w", err)
		}
		doc.Verdict = v
	}
	doc.Outcome, doc.ExitCode = settle(doc.Verdict, runErr, sig, inconclusive)
	doc.Failure = failureOf(runErr, sig)
	return doc, nil
}

func failureOf(err error, sig os.Signal) *report.Failure {
	switch {
	case sig != nil:
		return &report.Failure{Message: "interrupted by " + sig.String()}
	case err != nil:
		hint, _ := advice(err)
		return &report.Failure{Message: err.Error(), Hint: hint}
	}
	return nil
}
