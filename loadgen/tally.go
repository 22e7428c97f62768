package loadgen

import (
	"strconv"
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	vegeta "github.com/tsenart/vegeta/v12/lib"
)

const (
	maxReasons  = 10
	otherReason = "other errors"

	// A load cannot land when nothing of its first requests landed, or most of
	// many did not.
	unansweredFirst = 50
	unansweredMany  = 200
)

// tally counts the results of one block in memory that does not grow with them.
type tally struct {
	load        recording.Load
	statuses    [1000]int
	times       histogram
	began       time.Time
	first, last time.Time // ends of results
	landed      time.Time // end of the last that landed
	missed      int       // failed in a row since then
}

func (t *tally) add(r *vegeta.Result, expect func(int) bool) {
	if r.Code == unsent {
		return
	}
	end := r.End()
	if t.load.Requests == 0 || end.Before(t.first) {
		t.first = end
	}
	if end.After(t.last) {
		t.last = end
	}
	t.load.Requests++
	switch {
	case r.Code == aborted:
		t.statuses[noAnswer]++
		t.load.Aborted++
		t.land(end)
		return
	case r.Code == noAnswer:
		t.statuses[noAnswer]++
		t.fail(r.Error)
		return
	case r.Code == broken:
		t.fail(r.Error)
		return
	}
	t.times.add(r.Latency)
	t.statuses[min(int(r.Code), len(t.statuses)-1)]++
	if expect(int(r.Code)) {
		t.land(end)
		return
	}
	t.fail(UnexpectedStatus(int(r.Code)))
}

func (t *tally) land(end time.Time) {
	t.load.Landed++
	t.landed, t.missed = end, 0
}

func (t *tally) fail(why string) {
	t.load.Failed++
	t.missed++
	if t.load.Errors == nil {
		t.load.Errors = map[string]int{}
	}
	if _, known := t.load.Errors[why]; !known && len(t.load.Errors) >= maxReasons-1 {
		why = otherReason
	}
	t.load.Errors[why]++
}

// cannotLand reports whether going on would tell nothing more. A target that answers
// nothing is given up after two timeouts, and one that answers nothing any more
// when each of the workers has waited in vain.
func (t *tally) cannotLand(timeout time.Duration, workers int) bool {
	if t.load.Landed == 0 && t.load.Failed > 0 {
		return t.load.Failed >= unansweredFirst || t.last.Sub(t.began) >= 2*timeout
	}
	if t.missed >= max(2, workers) && t.last.Sub(t.landed) >= timeout {
		return true
	}
	return t.load.Requests >= unansweredMany && 2*t.load.Failed > t.load.Requests
}

func (t *tally) total() recording.Load {
	l := t.load
	l.Latency = t.times.latency()
	l.Statuses = statusMap(&t.statuses)
	if took := t.last.Sub(t.began).Seconds(); took > 0 {
		l.Rate = unit.PerSecond(float64(l.Requests) / took)
	}
	return l
}

// throughput is the rate between the first and the last end of a request, so
// that the time one request takes is not held against a short block.
func (t *tally) throughput() (rate float64, ok bool) {
	took := t.last.Sub(t.first).Seconds()
	if t.load.Requests < 2 || took <= 0 {
		return 0, false
	}
	return float64(t.load.Requests-1) / took, true
}

// statusMap is the counts by status, "0" being no answer.
func statusMap(counts *[1000]int) map[string]int {
	var m map[string]int
	for code, n := range counts {
		if n > 0 {
			if m == nil {
				m = map[string]int{}
			}
			m[strconv.Itoa(code)] = n
		}
	}
	return m
}
