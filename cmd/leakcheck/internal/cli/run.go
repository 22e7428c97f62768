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
	"github.com/leakcheck/leakcheck/verdict/compare"
	"github.com/leakcheck/leakcheck/verdict/diagnose"
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
	m, err := measure(ctx, o, o.files[0])
	if err != nil {
		return err
	}
	return finish(o, report.Of(m.doc), m.storeErr)
}

// measurement is what became of one scenario.
type measurement struct {
	doc      report.Document
	folder   *runFolder
	storeErr error     // what was judged could not be stored
	signal   os.Signal // what ended it, nil for none
}

// measure measures, judges and stores. Whatever ends the measuring, what was
// recorded until then goes the same way.
func measure(ctx context.Context, o runOptions, file string) (*measurement, error) {
	base, err := readBaseline(ctx, o.settings)
	if err != nil {
		return nil, err
	}
	folder, plan, err := prepare(ctx, o, file)
	if err != nil {
		return nil, err
	}
	view := newView(o.io, o.settings.quiet)
	sigs, ctx := catchSignals(ctx, view.Close)
	var found []evidence.Evidence
	var death *diagnose.Death
	h := hooks(view)
	if !o.settings.noDiagnose {
		h.Death = func(e evidence.Death) { death = diagnose.OfDeath(e) }
		h.Accuse = func(rec *recording.Recording) []recording.Subject {
			return accuse(view, folder, rec, base, o.settings.inconclusive)
		}
		h.Evidence = func(e evidence.Evidence) { found = append(found, e) }
	}
	rec, runErr := harness.Run(ctx, plan, h)
	view.Close()
	sigs.release()

	doc, err := conclude(rec, base, runErr, sigs.caught(), o.settings.inconclusive)
	if err != nil {
		return nil, err
	}
	doc.Dir, doc.Scenario = folder.dir, file
	if rec != nil {
		doc.Source = folder.dir
		doc.Previous = previousRuns(o.settings.runsDir, &rec.Header)
	}
	if len(found) > 0 || death != nil {
		doc.Diagnosis = diagnose.Diagnose(doc.Verdict, found)
		doc.Diagnosis.Death = death
	}
	m := &measurement{doc: doc, folder: folder, storeErr: errors.Join(folder.store(doc), folder.storeDiagnosis(doc.Diagnosis)), signal: sigs.caught()}
	if err := remember(ctx, o.settings, doc); err != nil {
		printError(o.io.err, err)
	}
	if m.signal == nil {
		printError(o.io.err, runErr)
		if log := folder.log(); runErr != nil && doc.Verdict == nil && log != "" {
			fmt.Fprintln(o.io.err, "Log:", log) // a verdict names it itself
		}
	}
	return m, nil
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

// prepare reads the scenario, compiles the plan and makes the run's folder,
// which a scenario that cannot be run does not leave behind.
func prepare(ctx context.Context, o runOptions, file string) (*runFolder, *harness.Plan, error) {
	s, err := loadScenario(file)
	if err != nil {
		return nil, nil, err
	}
	folder := newRunFolder(o.settings.runsDir)
	if o.settings.seed != 0 {
		s.Run.Seed = o.settings.seed
	}
	git := readGit(ctx, s)
	plan, err := harness.Compile(s, harness.Options{
		Dir: folder.dir, RunID: folder.id, Tool: readBuild().Version,
		Seed: randomSeed(), MaxDuration: o.settings.maxDuration, KeepSnapshots: o.settings.snapshots,
		GitCommit: git.commit, GitDirty: git.dirty, GitTime: git.time, Repository: git.repository,
	})
	if err != nil {
		return nil, nil, cannotRun(file, err)
	}
	if !o.settings.quiet {
		tellNotes(o.io, file, plan)
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
			left := v.Undecided()
			return harness.Decision{
				Undecided: left.Endpoints, Together: left.Together, Background: left.Background,
				Leaks: v.Retains() > 0, Drain: v.Transient, Goes: v.Goes,
			}
		},
	}
}

// accuse keeps and shows the verdict, which nothing that follows can change, and
// says what to look into: what leaks and is not waived, the largest growth first.
func accuse(view view, folder *runFolder, rec *recording.Recording, base *compare.Baseline, inconclusive int) []recording.Subject {
	doc, err := conclude(rec, base, nil, nil, inconclusive)
	if err != nil || doc.Outcome != verdict.Leak {
		return nil
	}
	doc.Dir, doc.Source = folder.dir, folder.dir
	_ = folder.store(doc) // written again at the end, when an error is told
	var leaking []recording.Subject
	for _, i := range doc.Verdict.Leaking() {
		leaking = append(leaking, recording.Subject(i))
	}
	if len(leaking) > 0 {
		view.Found(doc.Verdict)
	}
	return leaking
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
	if err := report.SuiteText(io.out, suite, report.Style{Color: s.useColor(io), Width: columns}); err != nil {
		return badMachine("", "%w", err)
	}
	return nil
}

// conclude judges what was recorded, however the run ended. The error is one
// of leakcheck's own: a recording that it cannot judge.
func conclude(rec *recording.Recording, base *compare.Baseline, runErr error, sig os.Signal, inconclusive int) (report.Document, error) {
	doc := report.Document{Recording: rec}
	if rec != nil {
		v, err := verdict.Judge(rec, verdict.Options{})
		if err != nil && runErr == nil {
			return doc, fmt.Errorf("judge run: %w", err)
		}
		doc.Verdict = v
		tolerate(base, v, rec)
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
		hint, detail := advice(err)
		return &report.Failure{Message: err.Error(), Hint: hint, Detail: detail}
	}
	return nil
}
