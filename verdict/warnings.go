package verdict

import (
	"fmt"
	"maps"
	"slices"

	"github.com/leakcheck/leakcheck/sampler/recording"
)

// Codes of warnings.
const (
	WarnRequestsFailed     = "requests-failed"
	WarnSaturated          = "saturated"
	WarnRedirected         = "redirected"
	WarnUnsettled          = "unsettled"
	WarnTooFewRounds       = "too-few-rounds"
	WarnStillFilling       = "still-filling"
	WarnNearHeapLimit      = "near-heap-limit"
	WarnOOMKill            = "oom-kill"
	WarnClockAdvanced      = "clock-advanced"
	WarnBacklog            = "backlog"
	WarnRestarted          = "restarted"
	WarnCutShort           = "cut-short"
	WarnMultipleProcesses  = "multiple-processes"
	WarnOpenInspector      = "open-inspector"
	WarnWorkerUnresponsive = "worker-unresponsive"
	WarnRateAssumed        = "rate-assumed"
	WarnBudgetAssumed      = "budget-assumed"
)

const (
	// maxFailed is the share of requests that may fail without a doubt about
	// what the rest shows.
	maxFailed = 0.01
	// maxUnsettled is the share of samples that may be unsettled: their noise is in
	// the interval, and beyond that nothing is known of what the heap comes to.
	maxUnsettled = 0.5
	// nearLimit is the share of the heap limit from which V8 collects so hard
	// that load and memory are no longer those of normal work.
	nearLimit = 0.8
)

// doubt is why an endpoint must not pass, whatever its interval says; "" when
// there is none.
func (j *judge) doubt(i int) string {
	if why := j.cutShort(); why != "" {
		return why
	}
	if why := j.shared(); why != "" {
		return why
	}
	if share := j.failed(i); share > maxFailed {
		return fmt.Sprintf("%.1f %% of its requests failed: what did not land was not measured", share*100)
	}
	if j.saturated(i) {
		return "the target fell behind the rate asked for"
	}
	if j.unsettled() > maxUnsettled {
		return "the heap did not settle after its blocks"
	}
	return j.silence().doubt()
}

// cutShort says what ended the run before its time.
func (j *judge) cutShort() string {
	for _, e := range j.rec.Events {
		switch e.Kind {
		case recording.TargetExited, recording.OutOfMemory, recording.LoadFailed,
			recording.InspectorLost, recording.Interrupted:
			return "the run was cut short: " + e.Message
		case recording.Deadline, recording.WarmUpCut, recording.SetupAgain, recording.MultipleProcesses, recording.OpenInspector,
			recording.Released, recording.Backlog:
		}
	}
	switch {
	case j.rec.Damaged != "":
		return "the recording is damaged: " + j.rec.Damaged
	case j.restarted():
		return "the target was restarted during the run"
	case !j.live && j.rec.End == nil:
		return "the recording ends before its run did"
	}
	return ""
}

// shared says which of several processes was measured, "" when one served.
func (j *judge) shared() string {
	for _, e := range j.rec.Events {
		if e.Kind == recording.MultipleProcesses {
			return e.Message
		}
	}
	return ""
}

// restarted says that another process was measured at the end than at the begin.
func (j *judge) restarted() bool {
	pid := 0
	for i := range j.rec.Observations {
		procs := j.rec.Observations[i].Sample.Procs
		if len(procs) == 0 {
			continue
		}
		if pid != 0 && procs[0].PID != pid {
			return true
		}
		pid = procs[0].PID
	}
	return false
}

func (j *judge) failed(i int) float64 {
	failed, sent := 0, 0
	for _, l := range j.loadsOf(i) {
		failed += l.Failed
		sent += l.Requests
	}
	if sent == 0 {
		return 1
	}
	return float64(failed) / float64(sent)
}

// saturated says that the target fell behind in a round that is fitted: one
// before that is outlived.
func (j *judge) saturated(i int) bool {
	all := j.series.of(i)
	if len(all) == 0 {
		return false
	}
	return slices.ContainsFunc(j.loadsSince(i, all[len(all)-window(len(all))].round), func(l *recording.Load) bool { return l.Saturated })
}

// loadsOf are the loads that an endpoint's increments come from.
func (j *judge) loadsOf(i int) []*recording.Load { return j.loadsSince(i, 0) }

func (j *judge) loadsSince(i, round int) []*recording.Load {
	var all []*recording.Load
	for _, st := range j.series.increments {
		b := &j.rec.Observations[st.index].Block
		together := i >= 0 && b.Endpoint == recording.Mixed && (j.series.mixed || j.rec.Header.Screened)
		if st.round >= round && (b.Endpoint == i || together) {
			all = append(all, b.LoadOf(i))
		}
	}
	return all
}

func (j *judge) unsettled() float64 {
	if len(j.series.increments) == 0 {
		return 0
	}
	n := 0
	for _, st := range j.series.increments {
		if !j.rec.Observations[st.index].Sample.Settled {
			n++
		}
	}
	return float64(n) / float64(len(j.series.increments))
}

// endpointWarnings are the doubts about one endpoint.
func (j *judge) endpointWarnings(i int) []Warning {
	h := &j.rec.Header.Endpoints[i]
	var w []Warning
	if h.RateAssumed {
		w = append(w, Warning{WarnRateAssumed, fmt.Sprintf("no rate in the scenario: %s is assumed", h.Rate)})
	}
	if h.BudgetAssumed {
		w = append(w, Warning{WarnBudgetAssumed, fmt.Sprintf("no budget in the scenario: %s is assumed", h.Budget)})
	}
	if len(j.series.of(i)) == 0 {
		return w
	}
	if share := j.failed(i); share > 0 {
		w = append(w, Warning{WarnRequestsFailed, fmt.Sprintf("%.2f %% of the requests failed", share*100)})
	}
	if j.saturated(i) {
		w = append(w, Warning{WarnSaturated, "the target fell behind the rate asked for; queues look like leaks"})
	}
	if status := j.redirected(i); status != "" {
		w = append(w, Warning{WarnRedirected, fmt.Sprintf("every answer was a redirect (%s): the code behind the address it points to was not measured", status)})
	}
	return w
}

// redirected is the most frequent status of an endpoint whose answers are all
// redirects; "" for any other endpoint.
func (j *judge) redirected(i int) string {
	counts := map[string]int{}
	for _, l := range j.loadsOf(i) {
		for status, n := range l.Statuses {
			if n > 0 && !slices.Contains([]string{"301", "302", "303", "307", "308"}, status) {
				return ""
			}
			counts[status] += n
		}
	}
	most := ""
	for _, status := range slices.Sorted(maps.Keys(counts)) {
		if counts[status] > counts[most] {
			most = status
		}
	}
	return most
}

// runWarnings are the doubts about the run as a whole.
func (j *judge) runWarnings() []Warning {
	w := j.selection()
	if why := j.cutShort(); why != "" {
		w = append(w, Warning{WarnCutShort, why})
	}
	if why := j.shared(); why != "" {
		w = append(w, Warning{WarnMultipleProcesses, why})
	}
	if i := slices.IndexFunc(j.rec.Events, func(e recording.Event) bool { return e.Kind == recording.OpenInspector }); i >= 0 {
		w = append(w, Warning{WarnOpenInspector, j.rec.Events[i].Message})
	}
	if share := j.unsettled(); share > 0 {
		w = append(w, Warning{WarnUnsettled, fmt.Sprintf("%.0f %% of the samples were taken before the heap had settled", share*100)})
	}
	w = append(w, j.silence().warnings()...)
	for _, e := range j.rec.Events {
		if e.Kind == recording.Backlog {
			w = append(w, Warning{WarnBacklog, e.Message})
		}
	}
	if n := len(j.rec.Observations); j.released > 0 && n > 0 && j.rec.Observations[n-1].Sample.Released() {
		text := "some memory was released only after the block that allocated it: every sample was taken after waiting for that, and only what remained was judged"
		if j.rec.Observations[n-1].Sample.ClockAdvanced {
			text = "much of the growth was temporary (it expired when the clock moved forward): every sample was taken after advancing the app's clocks by one hour, and only what remained was judged"
		}
		w = append(w, Warning{WarnClockAdvanced, text})
	}
	if j.restarted() {
		w = append(w, Warning{WarnRestarted, "the target's process changed during the run"})
	}
	if n := len(j.rec.Observations); n > 0 {
		last := j.rec.Observations[n-1].Sample
		room, known := last.Room()
		if limit := last.Heap.Limit; known && float64(limit-room) > nearLimit*float64(limit) {
			w = append(w, Warning{WarnNearHeapLimit, fmt.Sprintf("the heap ended at %s of %s", limit-room, limit)})
		}
	}
	return append(w, j.kills()...)
}
