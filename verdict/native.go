package verdict

import (
	"fmt"
	"slices"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// Native memory is resident memory that neither the heap nor external memory explains.
// An allocator keeps what a peak took, for the next one: resident memory jumps in the
// first block whose peak is higher than any before, and stays there. So it is
// fitted like the rest but for the largest increment of each endpoint, which alone never
// convicts, and what an allocator may keep is taken off its growth.

const (
	// allocatorHeadroom is how much resident memory may grow by without any leak:
	// allocators keep and return arenas of this order.
	allocatorHeadroom = 24 << 20
	// nativeDoubt is how much of such growth forbids a pass until it has come to
	// the headroom, or to an end.
	nativeDoubt = allocatorHeadroom / 8
	// nativeRising is the share of an endpoint's blocks that must have grown.
	nativeRising = 0.8
)

// nativeGrowth is how native memory grew in an endpoint's blocks, the largest increment
// left out.
type nativeGrowth struct {
	rate   mixture // per request
	grown  float64 // bytes, no more than the whole process
	rising float64 // share of the blocks that grew beyond what is allowed
	lasts  bool
}

func (j *judge) nativeGrowth(endpoint int, g *growth, allowed float64) (nativeGrowth, bool) {
	f := j.nativeFrom(g.fit.layout.from)
	if f == nil {
		return nativeGrowth{}, false
	}
	rate, ok := f.noise.rate(f.layout.source(endpoint), f.layout.own(endpoint))
	if !ok {
		return nativeGrowth{}, false
	}
	changes, sent := j.series.changes(g.increments, native), requests(g.increments)
	top := slices.Index(changes, slices.Max(changes))
	jump := max(0, changes[top])
	n := nativeGrowth{rate: rate, grown: min(total(changes), total(j.series.changes(j.series.increments, native))) - jump}
	changes, sent = slices.Delete(changes, top, top+1), slices.Delete(sent, top, top+1)
	for i := range changes {
		if changes[i] > allowed*sent[i] {
			n.rising += 1 / float64(len(changes))
		}
	}
	n.lasts = lasts(changes, sent, allowed)
	return n, true
}

// nativeFrom fits native memory from an observation on, once. Where an endpoint's largest
// increment is, the level starts anew.
func (j *judge) nativeFrom(from int) *fit {
	f, known := j.natives[from]
	if known {
		return f
	}
	l := j.series.lay(from, native, false)
	top := make([]int, l.sources)
	for k := 1; k < l.rows; k++ {
		if s := l.last[k]; top[s] == 0 || l.y[k]-l.y[k-1] > l.y[top[s]]-l.y[top[s]-1] {
			top[s] = k
		}
	}
	for s, k := range top {
		if s != l.endpoints && k > 0 { // idle blocks have no peak
			l.free[k] = true
		}
	}
	if p := newPosterior(l); p != nil {
		f = &fit{layout: l, noise: p}
	}
	j.natives[from] = f
	return f
}

// leaks reports whether native memory grows beyond the budget and all that an allocator
// may keep, in nearly every block and to the end.
func (n *nativeGrowth) leaks(tail, allowed float64) bool {
	low := n.rate.quantile(tail)
	return low > allowed && n.grown > allocatorHeadroom && n.rising >= nativeRising && n.lasts
}

// doubt is why native memory forbids a pass, "" where it does not: it grows as a leak
// does, and has not yet grown by more than an allocator may keep.
func (n *nativeGrowth) doubt(allowed float64) string {
	if n.grown < nativeDoubt || n.rate.mean() <= allowed || n.rising < nativeRising || !n.lasts {
		return ""
	}
	return fmt.Sprintf("resident memory outside the heap rose in nearly every block (%s in total): that could still be allocator caching, so more rounds are needed to rule out a native leak", unit.Bytes(n.grown))
}
