// Package runner takes a scenario from its file to a run that is judged, stored and
// remembered.
package runner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/archive"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/progress"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/repository"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/settings"
	"github.com/leakcheck/leakcheck/harness"
	"github.com/leakcheck/leakcheck/sampler/evidence"
	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/scenarios"
	"github.com/leakcheck/leakcheck/verdict"
	"github.com/leakcheck/leakcheck/verdict/compare"
	"github.com/leakcheck/leakcheck/verdict/diagnose"
	"github.com/leakcheck/leakcheck/verdict/report"
)

// Runner measures scenarios as the settings say.
type Runner struct {
	IO       *command.Streams
	Settings settings.Settings
}

// Job is one run to make.
type Job struct {
	Scenario *scenarios.Scenario
	Seed     uint64            // 0: the scenario's, or a random one
	Baseline *compare.Baseline // nil for none
	Signals  *command.Signals  // which end the context of the run
	// compared: the run is one of several that are compared. It has the fewest
	// rounds and no more, so that all have seen as many requests: growth of a
	// healthy process falls as it warms up.
	Compared bool
	// Dirty says of a compared run that its code is not that of the commit. What
	// prepares a checkout may change files, so that git is not asked.
	Dirty bool
	// Accuse says what of a compared run to look into once all is measured; nil for
	// nothing.
	Accuse    func(report.Document) []recording.Subject
	LookupEnv func(string) (string, bool) // nil: os.LookupEnv
}

// Result is what became of a run.
type Result struct {
	Doc        report.Document
	Folder     *archive.Folder
	Signal     os.Signal // what ended it, nil for none
	Err        error     // why it ended early
	StoreErr   error     // what was judged could not be stored
	HistoryErr error     // the run could not be remembered
}

// Measure compiles, runs, judges, stores and remembers. Whatever ends the
// measuring, what was recorded until then goes the same way, unless the run is to
// be compared. The error is of what cannot be run or judged at all.
func (r Runner) Measure(ctx context.Context, j Job) (*Result, error) {
	folder, plan, err := r.prepare(ctx, j)
	if err != nil {
		return nil, err
	}
	m := &measurement{Runner: r, Job: j, folder: folder, view: progress.New(r.IO, r.Settings.Quiet)}
	j.Signals.BeforeExit(m.view.Close)
	rec, err := harness.Run(ctx, plan, m.hooks())
	m.view.Close()
	if j.Compared && j.Signals.Caught() != nil {
		return nil, context.Cause(ctx)
	}
	return m.conclude(ctx, rec, err)
}

// prepare compiles the plan and makes the run's folder, which a scenario that
// cannot be run does not leave behind.
func (r Runner) prepare(ctx context.Context, j Job) (*archive.Folder, *harness.Plan, error) {
	s := j.Scenario
	if j.Seed != 0 {
		s.Run.Seed = j.Seed
	}
	folder := archive.NewFolder(r.Settings.RunsDir)
	git := repository.StateOf(ctx, s)
	plan, err := harness.Compile(s, harness.Options{
		Dir: folder.Dir, RunID: folder.ID, Tool: command.ReadBuild().Version, LookupEnv: j.LookupEnv,
		Seed: cmp.Or(j.Seed, RandomSeed()), MaxDuration: r.Settings.MaxDuration, KeepSnapshots: r.Settings.Snapshots,
		GitCommit: git.Commit, GitDirty: j.dirty(git), GitTime: git.Time, Repository: git.Repository,
	})
	if err != nil {
		return nil, nil, CannotRun(s.Path, err)
	}
	if !r.Settings.Quiet && !j.Compared {
		TellNotes(r.IO, s.Path, plan)
	}
	if err := folder.Create(); err != nil {
		return nil, nil, err
	}
	return folder, plan, nil
}

func (j *Job) dirty(git repository.State) bool {
	if j.Compared {
		return j.Dirty
	}
	return git.Dirty
}

// measurement is a run in progress.
type measurement struct {
	Runner
	Job
	folder *archive.Folder
	view   progress.View
	found  []evidence.Evidence
	death  *diagnose.Death
}

// hooks join the measuring to the judging, and both to the view.
func (m *measurement) hooks() harness.Hooks {
	h := harness.Hooks{Progress: m.view.Progress, Decide: m.decide, Locate: locate}
	if !m.Settings.NoDiagnose && (!m.Compared || m.Job.Accuse != nil) {
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
	if m.Compared && !rec.Header.Screened {
		return harness.Decision{Releases: v.Releases, ReleasedEnough: v.ReleasedEnough}
	}
	left := v.Undecided()
	return harness.Decision{
		Undecided: left.Endpoints, Interaction: left.Interaction, Background: left.Background, Others: left.Others, Suspect: left.Suspect,
		Leaks: v.SmallestLeak() > 0, Releases: v.Releases, ReleasedEnough: v.ReleasedEnough,
	}
}

// locate looks for the endpoints that leak among those that are loaded together.
func locate(rec *recording.Recording, suspect string) harness.Location {
	l := verdict.Locate(rec, suspect)
	return harness.Location{Found: l.Found, Pair: l.Pair, Alike: l.Alike, Load: l.Load}
}

// accuse keeps and shows the verdict, which nothing that follows can change, and
// says what to look into: what leaks and is not waived, the largest growth first.
func (m *measurement) accuse(rec *recording.Recording) []recording.Subject {
	doc, err := archive.Conclude(rec, m.Baseline, nil, nil, m.Settings.Inconclusive)
	switch {
	case err != nil:
		return nil
	case m.Compared:
		return m.Job.Accuse(doc)
	case doc.Outcome != verdict.Leak:
		return nil
	}
	doc.Dir, doc.Source = m.folder.Dir, m.folder.Dir
	// Written again at the end, when an error is told: looking into a leak takes a
	// while, in which the process may be killed.
	_ = m.folder.Store(doc)
	_ = archive.RememberNow(context.Background(), m.Settings, doc)
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
func (m *measurement) conclude(ctx context.Context, rec *recording.Recording, runErr error) (*Result, error) {
	r := &Result{Folder: m.folder, Signal: m.Signals.Caught(), Err: runErr}
	doc, err := archive.Conclude(rec, m.Baseline, runErr, r.Signal, m.Settings.Inconclusive)
	if err != nil {
		return nil, err
	}
	doc.Dir = m.folder.Dir
	if rec != nil {
		doc.Source = m.folder.Dir
	}
	if !m.Compared {
		doc.Scenario = m.Scenario.Path
		if rec != nil {
			doc.Previous = archive.PreviousRuns(m.Settings.RunsDir, &rec.Header)
		}
	}
	if len(m.found) > 0 || m.death != nil {
		doc.Diagnosis = diagnose.Diagnose(doc.Verdict, m.found)
		doc.Diagnosis.Death = m.death
	}
	r.Doc = doc
	r.StoreErr = errors.Join(m.folder.Store(doc), m.folder.StoreDiagnosis(doc.Diagnosis))
	r.HistoryErr = archive.Remember(ctx, m.Settings, doc, func() {
		fmt.Fprintln(m.IO.Err, "waiting for the history, which another process has locked:", m.Settings.History)
	})
	return r, nil
}

// TellNotes prints what the user should know before the run.
func TellNotes(io *command.Streams, file string, plan *harness.Plan) {
	for _, n := range plan.Notes() {
		fmt.Fprintf(io.Err, "note: %s: %s\n", file, n)
	}
}

// RandomSeed is one that JSON readers keep exactly.
func RandomSeed() uint64 {
	const exact = 1<<53 - 1
	return max(1, rand.Uint64()&exact)
}
