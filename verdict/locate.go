package verdict

import (
	"cmp"
	"encoding/binary"
	"hash/fnv"
	"math"
	"slices"

	"github.com/leakcheck/leakcheck/sampler/recording"
)

// Where endpoints are bounded together and memory grows, the ones that leak are found by
// group testing (Dorfman, Annals of Mathematical Statistics 14, 1943), with samples that
// are noisy: blocks load a part of the endpoints, and what each hypothesis says of the
// increments gives its probability. A hypothesis is a set of endpoints that leak, each at a
// rate of its own, or a pair that leaks only together. The next block loads the endpoints
// of about half the probability, which halves what is left in question at each step
// (Horstein, IEEE Transactions on Information Theory 9, 1963).

const (
	// mostLeaking is how many leaks one search looks for. What is left is looked for again,
	// once these are measured.
	mostLeaking = 3
	// beam is how many of the likeliest sets are extended by one endpoint more.
	beam = 30
	// Prior odds of hypotheses of a kind, over one leak: none in particular (all grow
	// alike), each leak more, and a pair that only leaks together.
	oddsAlike, oddsMore, oddsPair = 0.3, 0.2, 0.2
	// found is the probability at which endpoints are taken to be the ones, which only says
	// what is measured next.
	// more is that of further leaks from which these are looked for at once.
	found, more = 0.9, 0.5
	// leastLocating is the fewest blocks before it is believed that no endpoint stands
	// out, and mostLocating ends a search.
	leastLocating, mostLocating = 10, 40
)

// Location is what is known of where the growth of endpoints comes from that are loaded together.
type Location struct {
	// Found are the endpoints that explain the growth, to be measured by themselves; none
	// where more blocks are needed. Pair says that two of them leak only together.
	Found []int
	Pair  bool
	// Alike says that memory grows whichever endpoints are loaded: those of Found are
	// no more to blame than others.
	Alike bool
	// Load are the endpoints of the next block, where Found is empty; none when the search
	// has come to nothing.
	Load []int
	// Likely is how probable it is of each endpoint that it leaks.
	Likely []float64
}

// Locate says which endpoints may be behind the growth of those that are loaded together, in
// what the screening suspects, and what to load next. Equal recordings give equal answers.
func Locate(rec *recording.Recording, suspect string) Location {
	s := newScreen(rec)
	if s == nil || len(s.members) == 0 {
		return Location{}
	}
	in := incrementsOf(rec, s, metricOf(suspect))
	if in.rows == 0 {
		return Location{}
	}
	var all []hypothesis
	for _, ratio := range ratiosOfNoise {
		if l, ok := in.whiten(ratio); ok {
			all = append(all, l.search()...)
		}
	}
	return in.answer(sum(all))
}

// firstAlone is the first of what all hypotheses have in common that is an endpoint's.
const firstAlone = 4

// increments are those of a recording's blocks since the endpoints are loaded together.
type increments struct {
	members []int
	alone   []int // endpoints that are measured by themselves already
	rows    int
	blocks  int         // of parts of the endpoints
	last    []int       // the endpoints of the last of these
	changes []float64   // KB
	sent    [][]float64 // thousands of requests, by member
	common  [][]float64 // total of requests, seconds, the offset that load leaves, compiled code, and what stands alone
	length  []float64   // over a usual block
	follows []bool      // the increment begins where the one before it ended
	seed    uint64      // of the order of endpoints that nothing tells apart
}

// metricOf is what a screening suspects.
func metricOf(suspect string) metric {
	switch suspect {
	case NativeMetric:
		return native
	case suspectRetained:
		return retained
	}
	return func(s *recording.Sample) float64 { return float64(s.Resources[suspect]) }
}

// incrementsOf lays out the blocks that count: measured ones, and those that locate.
func incrementsOf(rec *recording.Recording, s *screen, m metric) *increments {
	in := &increments{members: s.members, alone: s.alone, sent: make([][]float64, len(s.members)), common: make([][]float64, firstAlone+len(s.alone))}
	from, loaded, last := countsFrom(rec), 0.0, -1
	for i := 1; i < len(rec.Observations); i++ {
		b := &rec.Observations[i].Block
		if b.Phase != recording.Locate && (b.Phase != recording.Measure || b.Round < from) {
			continue
		}
		in.add(rec, i, m, last == i-1)
		last = i
		loaded = max(loaded, float64(b.Load.Requests)/1e3)
	}
	for k := range in.length {
		in.length[k] /= max(loaded, tiny)
	}
	in.seed = rec.Header.Seed + uint64(len(rec.Observations))
	return in
}

func (in *increments) add(rec *recording.Recording, i int, m metric, follows bool) {
	before, o := &rec.Observations[i-1], &rec.Observations[i]
	in.rows++
	in.changes = append(in.changes, (m(&o.Sample)-m(&before.Sample))/1e3)
	n := 0.0
	for k, e := range in.members {
		sent := float64(o.Block.RequestsOf(e)) / 1e3
		in.sent[k] = append(in.sent[k], sent)
		n += sent
	}
	if o.Block.Phase == recording.Locate {
		in.blocks, in.last = in.blocks+1, loadedBy(&o.Block)
	}
	in.common[0] = append(in.common[0], n)
	in.common[1] = append(in.common[1], (o.Sample.At - before.Sample.At).Seconds())
	in.common[2] = append(in.common[2], loads(&o.Block)-loads(&before.Block))
	in.common[3] = append(in.common[3], (code(&o.Sample)-code(&before.Sample))/1e3)
	for k, e := range in.alone {
		in.common[firstAlone+k] = append(in.common[firstAlone+k], float64(o.Block.RequestsOf(e))/1e3)
	}
	in.length = append(in.length, float64(o.Block.Load.Requests)/1e3)
	in.follows = append(in.follows, follows)
}

// loadedBy are the endpoints that a mixed block loads.
func loadedBy(b *recording.Block) (all []int) {
	for e := range b.Parts {
		if b.Parts[e].Requests > 0 {
			all = append(all, e)
		}
	}
	return all
}

// loads is 1 for a block with load.
func loads(b *recording.Block) float64 {
	if b.Load.Requests > 0 {
		return 1
	}
	return 0
}

// answer is what to do, given the probabilities of the hypotheses.
func (in *increments) answer(all []hypothesis) Location {
	loc := Location{Likely: make([]float64, len(in.members))}
	alike, pairs := 0.0, 0.0
	for _, h := range all {
		for _, k := range h.set {
			loc.Likely[k] += h.score
		}
		if len(h.set) == 0 {
			alike += h.score
		}
		if h.pair {
			pairs += h.score
		}
	}
	var certain []int
	for k, p := range loc.Likely {
		if p >= found {
			certain = append(certain, k)
		}
	}
	left := hit(all, in.all(), certain) // that there are others
	switch {
	case len(certain) > 0 && left < more && !slices.Equal(in.named(certain), in.last) && in.blocks < mostLocating:
		loc.Load = in.named(certain) // by themselves, they must grow as much
	case len(certain) > 0 && (left < more || in.blocks >= mostLocating):
		loc.Found, loc.Pair = in.named(certain), pairs > found && len(certain) == 2
	case alike >= found && in.blocks >= leastLocating:
		loc.Found, loc.Alike = in.busiest(), true
	case in.blocks < mostLocating:
		load := in.half(all, loc.Likely, certain, left)
		if pairs > more { // a partner is looked for
			load = append(load, certain...)
		}
		loc.Load = in.named(load)
	}
	return loc
}

// all is every member.
func (in *increments) all() []bool { return slices.Repeat([]bool{true}, len(in.members)) }

func (in *increments) named(set []int) []int {
	out := make([]int, len(set))
	for i, k := range set {
		out[i] = in.members[k]
	}
	return out
}

// busiest is the endpoint that was sent most.
func (in *increments) busiest() []int {
	most, at := 0.0, 0
	for k, sent := range in.sent {
		if n := total(sent); n > most {
			most, at = n, k
		}
	}
	return []int{in.members[at]}
}

// half are the likeliest endpoints, but for those that are certain, such that a block of
// them grows with half the probability that any others leak.
func (in *increments) half(all []hypothesis, likely []float64, certain []int, left float64) []int {
	order := slices.DeleteFunc(in.shuffled(), func(k int) bool { return slices.Contains(certain, k) })
	slices.SortStableFunc(order, func(a, b int) int {
		const alike = 1e-3 // where nothing tells them apart, chance does
		if d := likely[a] - likely[b]; math.Abs(d) > alike*max(likely[a], likely[b]) {
			return int(math.Copysign(1, -d))
		}
		return 0
	})
	loaded, size, off := make([]bool, len(in.members)), 0, math.Inf(1)
	for i, k := range order[:(len(order)+1)/2] {
		loaded[k] = true
		if d := math.Abs(hit(all, loaded, certain) - left/2); d < off {
			size, off = i+1, d
		}
	}
	return order[:size]
}

// shuffled are the members in an order that differs from block to block.
func (in *increments) shuffled() []int {
	order, keys := make([]int, len(in.members)), make([]uint64, len(in.members))
	for k := range order {
		h := fnv.New64a()
		_ = binary.Write(h, binary.LittleEndian, [2]uint64{in.seed, uint64(k)}) // a hash takes all
		order[k], keys[k] = k, h.Sum64()
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(keys[a], keys[b]) })
	return order
}

// hit is the probability that a block of some endpoints grows by others than those that are certain.
func hit(all []hypothesis, loaded []bool, certain []int) float64 {
	p := 0.0
	for _, h := range all {
		fresh := func(k int) bool { return loaded[k] && !slices.Contains(certain, k) }
		missing := func(k int) bool { return !loaded[k] && !slices.Contains(certain, k) }
		if slices.ContainsFunc(h.set, fresh) && !(h.pair && slices.ContainsFunc(h.set, missing)) {
			p += h.score
		}
	}
	return p
}
