package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/leakcheck/leakcheck/harness"
	"github.com/leakcheck/leakcheck/sampler/evidence"
	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/scenarios"
	"github.com/leakcheck/leakcheck/verdict"
	"github.com/leakcheck/leakcheck/verdict/compare"
	"github.com/leakcheck/leakcheck/verdict/diagnose"
	"github.com/leakcheck/leakcheck/verdict/report"
)

// runner measures scenarios as the settings say.
type runner struct {
	io       *streams
	settings settings
}

// job is one run to make.
type job struct {
	scenario *scenarios.Scenario
	seed     uint64            // 0: the scenario's, or a random one
	baseline *compare.Baseline // nil for none
	signals  *signals          // which end the context of the run
	// compared: the run is one of several that are compared. It has the fewest
	// rounds and no more, so that all have seen as many requests: growth of a
	// healthy process falls as it warms up.
	compared  bool
	lookupEnv func(string) (string, bool) // nil: os.LookupEnv
}

// result is what became of a run.
type result struct {
	doc        report.Document
	folder     *runFolder
	signal     os.Signal // what ended it, nil for none
	err        error     // why it ended early
	storeErr   error     // what was judged could not be stored
	historyErr error     // the run could not be remembered
}

// measure compiles, runs, judges, stores and remembers. Whatever ends the
// measuring, what was recorded until then goes the same way, unless the run is to
// be compared. The error is of what cannot be run or judged at all.
func (r runner) measure(ctx context.Context, j job) (*result, error) {
	folder, plan, err := r.prepare(ctx, j)
	if err != nil {
		return nil, err
	}
	m := &measurement{runner: r, job: j, folder: folder, view: newView(r.io, r.settings.quiet)}
	j.signals.beforeExit(m.view.Close)
	rec, err := harness.Run(ctx, plan, m.hooks())
	m.view.Close()
	if j.compared && j.signals.caught() != nil {
		return nil, context.Cause(ctx)
	}
	return m.conclude(ctx, rec, err)
}

// prepare compiles the plan and makes the run's folder, which a scenario that
// cannot be run does not leave behind.
func (r runner) prepare(ctx context.Context, j job) (*runFolder, *harness.Plan, error) {
	s := j.scenario
	if j.seed != 0 {
		s.Run.Seed = j.seed
	}
	folder := newRunFolder(r.settings.runsDir)
	git := readGit(ctx, s)
	plan, err := harness.Compile(s, harness.Options{
		Dir: folder.dir, RunID: folder.id, Tool: readBuild().Version, LookupEnv: j.lookupEnv,
		Seed: cmp.Or(j.seed, randomSeed()), MaxDuration: r.settings.maxDuration, KeepSnapshots: r.settings.snapshots,
		GitCommit: git.commit, GitDirty: git.dirty && !j.compared, GitTime: git.time, Repository: git.repository,
	})
	if err != nil {
		return nil, nil, cannotRun(s.Path, err)
	}
	if !r.settings.quiet && !j.compared {
		tellNotes(r.io, s.Path, plan)
	}
	return folder, plan, folder.create()
}

// measurement is a run in progress.
type measurement struct {
	runner
	job
	folder *runFolder
	view   view
	found  []evidence.Evidence
	death  *diagnose.Death
}

// hooks join the measuring to the judging, and both to the view.
func (m *measurement) hooks() harness.Hooks {
	h := harness.Hooks{Progress: m.view.Progress, Decide: m.decide}
	if !m.settings.noDiagnose {
		h.Accuse = m.accuse
		h.Evidence = func(e evidence.Evidence) { m.found = append(m.found, e) }
		h.Death = func(e evidence.Death) { m.death = diagnose.OfDeath(e) }
	}
	return h
}

// decide judges what was measured so far, and says what is left.
func (m *measurement) decide(rec *recording.Recording) harness.Decision {
	v, err := verdict.Judge(rec, verdict.Options{Live: true})
	if err != nil {
		return harness.Decision{} // ends the run; conclude reports it
	}
	m.view.Judged(v)
	if m.compared {
		return harness.Decision{Drain: v.Transient, Goes: v.Goes}
	}
	left := v.Undecided()
	return harness.Decision{
		Undecided: left.Endpoints, Together: left.Together, Background: left.Background,
		Leaks: v.Retains() > 0, Drain: v.Transient, Goes: v.Goes,
	}
}

// accuse keeps and shows the verdict, which nothing that follows can change, and
// says what to look into: what leaks and is not waived, the largest growth first.
func (m *measurement) accuse(rec *recording.Recording) []recording.Subject {
	doc, err := conclude(rec, m.baseline, nil, nil, m.settings.inconclusive)
	if err != nil || doc.Outcome != verdict.Leak {
		return nil
	}
	doc.Dir, doc.Source = m.folder.dir, m.folder.dir
	_ = m.folder.store(doc) // written again at the end, when an error is told
	var leaking []recording.Subject
	for _, i := range doc.Verdict.Leaking() {
		leaking = append(leaking, recording.Subject(i))
	}
	if len(leaking) > 0 {
		m.view.Found(doc.Verdict)
	}
	return leaking
}

// conclude judges what was recorded, stores it in the run's folder and adds it to
// the history.
func (m *measurement) conclude(ctx context.Context, rec *recording.Recording, runErr error) (*result, error) {
	r := &result{folder: m.folder, signal: m.signals.caught(), err: runErr}
	doc, err := conclude(rec, m.baseline, runErr, r.signal, m.settings.inconclusive)
	if err != nil {
		return nil, err
	}
	doc.Dir = m.folder.dir
	if rec != nil {
		doc.Source = m.folder.dir
	}
	if !m.compared {
		doc.Scenario = m.scenario.Path
		if rec != nil {
			doc.Previous = previousRuns(m.settings.runsDir, &rec.Header)
		}
	}
	if len(m.found) > 0 || m.death != nil {
		doc.Diagnosis = diagnose.Diagnose(doc.Verdict, m.found)
		doc.Diagnosis.Death = m.death
	}
	r.doc = doc
	r.storeErr = errors.Join(m.folder.store(doc), m.folder.storeDiagnosis(doc.Diagnosis))
	r.historyErr = remember(ctx, m.settings, doc)
	return r, nil
}

// tellNotes prints what the user should know before the run.
func tellNotes(io *streams, file string, plan *harness.Plan) {
	for _, n := range plan.Notes() {
		fmt.Fprintf(io.err, "note: %s: %s\n", file, n)
	}
}
