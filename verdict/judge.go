package verdict

import (
	"fmt"
	"math"
	"slices"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// Options change what a recording is judged against. The zero value takes
// everything from the recording.
type Options struct {
	Budgets    map[string]unit.MBPerHour // by endpoint; "" is for all others
	Confidence float64                   // 0: the recording's
	// Live: the run goes on, and more rounds may come. Otherwise a recording
	// without an end was cut off, and cannot pass.
	Live bool
}

// judge holds what is shared while one recording is judged.
type judge struct {
	rec                     *recording.Recording
	series                  *series // what is judged: the measured rounds, or those after releasedFrom
	released                int     // the round that these begin with, 0 for all
	confidence              float64
	live                    bool // more rounds may come
	diedOfMemory            bool
	fits, unfallen, natives map[int]*fit         // by the observation that they begin with
	summed                  []recording.Endpoint // what mixed blocks load
	others                  int                  // the last of these, which are not named one by one
	leastShare              float64              // the smallest part that a member has of the last endpoint's requests, where that stands for many; else 1
}

// Judge answers for each budget of the recording. An error means that the
// recording, or the options, are not valid; too little evidence is an
// inconclusive verdict and not an error.
func Judge(rec *recording.Recording, o Options) (*Verdict, error) {
	if err := rec.CheckValid(); err != nil {
		return nil, fmt.Errorf("judge recording: %w", err)
	}
	if err := o.check(rec); err != nil {
		return nil, err
	}
	if s := newScreen(rec); s != nil && len(s.members) > 0 {
		return judgeScreened(rec, s, o), nil
	}
	return newJudge(rec, o).judge(o), nil
}

// judge answers for each endpoint, all together and the background.
func (j *judge) judge(o Options) *Verdict {
	rec := j.rec
	v := &Verdict{
		Confidence: j.confidence,
		Rounds:     j.series.rounds,
		HeapRoom:   heapRoom(rec),
		LimitRoom:  limitRoom(rec),
		Noise:      unit.Bytes(j.sampleSD()),
		Warnings:   j.runWarnings(),
	}
	v.Resources = j.resources()
	for i := range rec.Header.Endpoints {
		v.Endpoints = append(v.Endpoints, j.endpoint(i, o.budget(&rec.Header.Endpoints[i]), v))
	}
	v.Interaction = j.interaction(o, v)
	v.Background = j.judgeBackground()
	v.Releases = j.releases()
	v.CannotPass = j.cutShort() != "" || j.shared() != ""
	v.Outcome = v.worst()
	return v
}

func newJudge(rec *recording.Recording, o Options) *judge {
	j := &judge{rec: rec, confidence: rec.Header.Confidence, live: o.Live, leastShare: 1, summed: rec.Header.Endpoints, fits: map[int]*fit{}, unfallen: map[int]*fit{}, natives: map[int]*fit{}}
	j.released = countsFrom(rec)
	j.series = newSeries(rec, j.released)
	if o.Confidence != 0 {
		j.confidence = o.Confidence
	}
	for _, e := range rec.Events {
		j.diedOfMemory = j.diedOfMemory || e.Kind == recording.OutOfMemory
	}
	return j
}

// sampleSD is how far settled samples are apart by themselves: of what is retained,
// one standard deviation beside the rate of each endpoint.
func (j *judge) sampleSD() float64 {
	var rest []float64
	for _, increments := range j.series.by {
		rest = append(rest, residuals(j.steady(increments), requests(increments))...)
	}
	return robustSD(rest) / math.Sqrt2 // a change has the noise of two samples
}

func (o Options) check(rec *recording.Recording) error {
	if o.Confidence != 0 && !(o.Confidence > 0.5 && o.Confidence < 1) {
		return fmt.Errorf("confidence %g: want more than 0.5 and less than 1", o.Confidence)
	}
	known := map[string]bool{"": true}
	for _, e := range rec.Header.Endpoints {
		known[e.Name] = true
	}
	for name, b := range o.Budgets {
		if !known[name] {
			return fmt.Errorf("budget for unknown endpoint %q", name)
		}
		if b < 0 {
			return fmt.Errorf("budget %g MB/h: want 0 or more", float64(b))
		}
	}
	return nil
}

func (o Options) budget(e *recording.Endpoint) unit.MBPerHour {
	for _, name := range []string{e.Name, ""} {
		if b, ok := o.Budgets[name]; ok {
			return b
		}
	}
	return e.Budget
}

// severity orders outcomes for the run's own.
var severity = map[Outcome]int{NotJudged: 0, Pass: 1, Inconclusive: 2, Leak: 3}

// worst is the run's outcome. A waived leak counts as passed until its day.
func (v *Verdict) worst() Outcome {
	worst := NotJudged
	take := func(o Outcome) {
		if severity[o] > severity[worst] {
			worst = o
		}
	}
	for _, e := range v.All() {
		if e.Outcome == Leak && e.Waived != nil && !e.Waived.Expired {
			take(Pass)
			continue
		}
		take(e.Outcome)
	}
	take(v.Background.Outcome)
	if worst == NotJudged {
		return Inconclusive // nothing was measured
	}
	return worst
}

// Waive tolerates the leak of an endpoint, without a day on which it ends, and
// settles the run's outcome again. A waiver of the scenario stays.
func (v *Verdict) Waive(endpoint, reason string) {
	for i := range v.Endpoints {
		if e := &v.Endpoints[i]; e.Name == endpoint && e.Outcome == Leak && e.Waived == nil {
			e.Waived = &Waiver{Reason: reason}
		}
	}
	v.Outcome = v.worst()
}

// Undecided is what more rounds could still decide. The zero value is nothing.
type Undecided struct {
	Endpoints   []int
	Interaction bool // whether the endpoints leak together
	Background  bool
	Others      bool   // the endpoints that are bounded together
	Suspect     string // what these leave more and more of, which is to be located; "" for nothing
}

// Any reports whether there is something.
func (u Undecided) Any() bool {
	return len(u.Endpoints) > 0 || u.Interaction || u.Background || u.Others
}

// Undecided says what more rounds could still decide.
func (v *Verdict) Undecided() Undecided {
	var u Undecided
	if v.CannotPass {
		return u
	}
	for i, e := range v.Endpoints {
		switch {
		case e.Outcome != Inconclusive:
		case v.Screening != nil && slices.Contains(v.Screening.Members, i):
			u.Others, u.Suspect = true, v.Screening.Suspect
		default:
			u.Endpoints = append(u.Endpoints, i)
		}
	}
	u.Interaction = v.Interaction != nil && v.Interaction.Outcome == Inconclusive
	u.Background = v.Background.Outcome == Inconclusive
	return u
}

// limitRoom is what is left until the limit of the app's container.
func limitRoom(rec *recording.Recording) unit.Bytes {
	if len(rec.Observations) == 0 {
		return 0
	}
	room, _ := rec.Observations[len(rec.Observations)-1].Sample.ContainerRoom()
	return room
}

func heapRoom(rec *recording.Recording) unit.Bytes {
	if len(rec.Observations) == 0 {
		return 0
	}
	room, _ := rec.Observations[len(rec.Observations)-1].Sample.Room()
	return room
}
