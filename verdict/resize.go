package verdict

import (
	"math"

	"github.com/leakcheck/leakcheck/sampler/recording"
)

// A leak into an array, Map or Set does not grow evenly: V8 enlarges the table
// by half (arrays) or to twice its size (Map, Set), and nothing moves between.
// Few resizes make a wide interval, however plain the leak is. So growth in each of the
// last doublings of the requests convicts, and a resize which, if it were a
// leak's, is too recent for the next to be seen is a term of the upper bound.

const (
	// octaves is in how many doublings of the request count in a row a leak that
	// grows by resizes must have grown beyond its budget.
	octaves = 3
	// resizeSDs is how far beyond noise growth must be to count as a resize.
	resizeSDs = 6
	// normalMAD turns a median absolute deviation into a standard deviation.
	normalMAD = 1.4826
	// tableGrowth is the widest ratio between one resize and the next, with some room for
	// the length of a block.
	tableGrowth = 2.2
	// noiseFloor is the smallest standard deviation of an increment, in bytes,
	// that is believed: a settled heap repeats to a few KB at best.
	noiseFloor = 2 << 10
)

// growsInOctaves reports whether memory grew beyond the allowed rate in each of the
// last doublings of the endpoint's requests, and persists: the mark of resizes, and of no
// warm-up. It returns the rate over all of them.
func (j *judge) growsInOctaves(endpoint int, allowed float64) (rate float64, ok bool) {
	increments := j.warmUp(endpoint, 1)
	if j.released > 0 {
		increments = nil // they were sampled before memory was released
	}
	increments = append(increments, j.series.of(endpoint)...)
	changes := j.steady(increments)
	sd := robustSD(residuals(changes, requests(increments)))
	hi := len(increments)
	var rates []float64
	for hi > 0 && len(rates) < octaves {
		lo := octaveStart(increments[:hi])
		if lo <= 0 {
			return 0, false // the octave reaches beyond what was observed
		}
		lo-- // the block that straddles the octave's begin belongs to it
		// What stays is in the process as well, whatever others' blocks do.
		grown := min(total(changes[lo:hi]), j.grownBetween(increments[lo].index-1, increments[hi-1].index))
		r := grown / total(requests(increments[lo:hi]))
		if grown < resizeSDs*sd*math.Sqrt(float64(hi-lo)) || r <= allowed {
			return 0, false
		}
		rates = append(rates, r)
		hi = lo
	}
	if len(rates) < octaves {
		return 0, false
	}
	mean := total(rates) / octaves
	return mean, rates[0] >= evenness*mean && pauses(changes, requests(increments), allowed) &&
		!fades(changes[hi:], requests(increments[hi:]))
}

// grownBetween is how much the process has grown between two observations, without
// compiled code.
func (j *judge) grownBetween(from, to int) float64 {
	a, b := &j.rec.Observations[from].Sample, &j.rec.Observations[to].Sample
	grown := retained(b) - retained(a)
	if hasCode(j.rec) {
		grown -= codePerByte * (code(b) - code(a))
	}
	return grown
}

// octaveStart is the first of the increments that lies within the last doubling of their
// requests, 0 or the number of increments where that cannot be told.
func octaveStart(increments []increment) int {
	lo := len(increments)
	half := increments[lo-1].cum / 2
	for lo > 0 && increments[lo-1].cum-increments[lo-1].n >= half {
		lo--
	}
	if lo == len(increments) {
		return 0
	}
	return lo
}

// steady is how what is retained changed over the increments, without compiled code.
func (j *judge) steady(increments []increment) []float64 {
	out := j.series.changes(increments, retained)
	if hasCode(j.rec) {
		for i, c := range j.series.changes(increments, code) {
			out[i] -= codePerByte * c
		}
	}
	return out
}

// warmUp is the endpoint's blocks in the warm-up from a round on. Round 0 are
// the first probes, in which all that an app does once is done.
func (j *judge) warmUp(endpoint, fromRound int) []increment {
	var out []increment
	for _, st := range j.series.warm {
		probe := j.rec.Observations[st.index].Block.Phase == recording.WarmUp && st.round < fromRound
		if st.endpoint == endpoint && !probe {
			out = append(out, st)
		}
	}
	return out
}

// hidden is the largest leak, in bytes per request, that resizes could hide from the fit: a
// table that was just enlarged, or one that may not have been since the warm-up, which
// is no larger than all that the process holds and did not when it started. at is how
// many requests would show it.
func (j *judge) hidden(endpoint int, g *growth, allowed float64) (rate, at float64) {
	increments := g.increments
	begin, end := increments[0].cum-increments[0].n, increments[len(increments)-1].cum
	if all := j.series.of(endpoint); len(all) > 0 {
		begin = all[0].cum - all[0].n
	}
	if end < tableGrowth*begin {
		if r := j.unexplained(endpoint, g.fit) / end; r > allowed {
			return r, tableGrowth * begin
		}
	}
	changes := j.steady(increments)
	rest := residuals(changes, requests(increments))
	least := resizeSDs * robustSD(rest)
	for i, st := range increments {
		if r := resizeImplies(changes[i], st.cum); rest[i] > least && end < tableGrowth*st.cum && r > rate {
			rate, at = r, tableGrowth*st.cum
		}
	}
	if r, cum := j.hiddenInMixed(endpoint, end); r > rate {
		rate, at = r, tableGrowth*cum
	}
	return rate, at
}

// hiddenInMixed is the same in blocks of all endpoints together, where a resize may be any
// one's.
func (j *judge) hiddenInMixed(endpoint int, end float64) (rate, cum float64) {
	if endpoint == recording.Mixed {
		return 0, 0
	}
	increments, rest := j.mixedRest()
	least := resizeSDs * robustSD(rest)
	for i, sent := range j.series.sentBy(endpoint, increments) {
		if r := resizeImplies(rest[i], sent); sent > 0 && rest[i] > least && end < tableGrowth*sent && r > rate {
			rate, cum = r, sent
		}
	}
	return rate, cum
}

// mixedRest are the mixed blocks, and what they left behind beyond what their
// endpoints usually do.
func (j *judge) mixedRest() (increments []increment, rest []float64) {
	if !j.series.mixed {
		increments = j.series.of(recording.Mixed)
		return increments, residuals(j.steady(increments), requests(increments))
	}
	var usual []float64
	for e := range j.rec.Header.Endpoints {
		own := j.series.of(e)
		usual = append(usual, median(ratios(j.series.changes(own, retained), requests(own))))
	}
	for _, st := range j.series.increments {
		if st.endpoint != recording.Mixed {
			continue
		}
		left := j.series.change(st, retained)
		for e := range usual {
			left -= usual[e] * j.series.sent(st, e)
		}
		increments, rest = append(increments, st), append(rest, left)
	}
	return increments, rest
}

// resizeImplies is the rate of a leak whose table grew by so much after cum
// requests: enlarged by half at c entries, it had grown by c/2 entries' room.
func resizeImplies(change, cum float64) float64 { return 2 * change / cum }

// unexplained is all that the process holds in the end and did not when it started, but for
// what the other endpoints' growth explains.
func (j *judge) unexplained(endpoint int, f *fit) float64 {
	gained := j.grownBetween(0, len(j.rec.Observations)-1)
	for e := range j.rec.Header.Endpoints {
		if e == endpoint {
			continue
		}
		for i := range j.rec.Observations {
			gained -= max(0, f.rates[e].mean()) * float64(j.rec.Observations[i].Block.RequestsOf(e))
		}
	}
	return gained
}

// residuals takes the median rate away from each change.
func residuals(changes, sizes []float64) []float64 {
	rate := median(ratios(changes, sizes))
	out := make([]float64, len(changes))
	for i := range changes {
		out[i] = changes[i] - rate*sizes[i]
	}
	return out
}

// robustSD is the standard deviation of residuals, were there no resizes in them.
func robustSD(rest []float64) float64 {
	off := make([]float64, len(rest))
	for i, r := range rest {
		off[i] = math.Abs(r)
	}
	return max(noiseFloor, normalMAD*median(off))
}
