package heapsnap

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// Growth is how one class changed from snapshot to snapshot.
type Growth struct {
	Kind
	Count []int   // in each snapshot
	Bytes []Bytes // in each snapshot, shallow
	Added []int   // in each snapshot: how many were not in the one before; 0 in the first
	Freed []int   // in each snapshot: how many of the one before are gone

	// New are the ids of those that the last snapshot has and the first has
	// not. Native objects (Type Native) have none, their ids are not comparable.
	New []uint64
}

// CountDelta is the last count minus the first.
func (g Growth) CountDelta() int { return g.Count[len(g.Count)-1] - g.Count[0] }

// BytesDelta is the last size minus the first.
func (g Growth) BytesDelta() Bytes { return g.Bytes[len(g.Bytes)-1] - g.Bytes[0] }

// PerRequest is the growth of a class by request.
type PerRequest struct {
	Count, CountError float64 // objects per request, and the standard error
	Bytes, BytesError float64 // bytes per request, and the standard error
}

// PerRequest is the slope of a class over the requests that had been sent in
// all when each snapshot was taken, by least squares. With two snapshots the
// errors are 0: there is nothing to estimate them from. Requests must have as
// many entries as there are snapshots, not all equal; else the result is NaN.
func (g Growth) PerRequest(requests []int) PerRequest {
	counts, bytes := make([]float64, len(g.Count)), make([]float64, len(g.Bytes))
	for i := range g.Count {
		counts[i], bytes[i] = float64(g.Count[i]), float64(g.Bytes[i])
	}
	var p PerRequest
	p.Count, p.CountError = slope(requests, counts)
	p.Bytes, p.BytesError = slope(requests, bytes)
	return p
}

// slope is that of the least squares line through (x, y), with its standard
// error.
func slope(x []int, y []float64) (b, err float64) {
	if len(x) != len(y) {
		return math.NaN(), math.NaN()
	}
	n := float64(len(x))
	var meanX, meanY, xx, xy float64
	for i := range x {
		meanX += float64(x[i]) / n
		meanY += y[i] / n
	}
	for i := range x {
		dx := float64(x[i]) - meanX
		xx += dx * dx
		xy += dx * (y[i] - meanY)
	}
	b = xy / xx
	if len(x) < 3 {
		return b, 0 * b
	}
	var rest float64
	for i := range x {
		r := y[i] - meanY - b*(float64(x[i])-meanX)
		rest += r * r
	}
	return b, math.Sqrt(rest / (n - 2) / xx)
}

// Compare finds how the classes changed from each census to the next: all of
// one process, in the order in which they were taken. Classes that are the same
// in all, object by object, are left out; what grew most in bytes is first.
func Compare(all ...*Census) []Growth {
	c := comparison{size: len(all), index: map[string]int{}}
	kinds := make([][]int, len(all)) // by census and kind: the growth
	folded := foldedShapes(all)
	for i, one := range all {
		kinds[i] = c.count(i, one, folded)
	}
	for i := 1; i < len(all); i++ {
		c.changes(i, all[i-1].objects, all[i].objects, kinds[i-1], kinds[i])
	}
	if last := len(all) - 1; last > 0 {
		c.collect(all[0].objects, all[last].objects, kinds[last])
	}
	c.all = slices.DeleteFunc(c.all, func(g Growth) bool { return !g.changed() })
	slices.SortFunc(c.all, func(a, b Growth) int {
		return cmp.Or(cmp.Compare(b.BytesDelta(), a.BytesDelta()), cmp.Compare(b.CountDelta(), a.CountDelta()), cmp.Compare(a.Key, b.Key))
	})
	return c.all
}

func (g Growth) changed() bool {
	for i := range g.Count {
		if g.Added[i] != 0 || g.Freed[i] != 0 || g.Count[i] != g.Count[0] || g.Bytes[i] != g.Bytes[0] {
			return true
		}
	}
	return false
}

// comparison gathers the growth of all classes.
type comparison struct {
	size  int
	all   []Growth
	index map[string]int // by key
}

// foldedShapes are the keys of plain objects of which no census has more than
// one: dictionaries, whose keys are data. They count as "Object".
func foldedShapes(all []*Census) map[string]bool {
	folded := map[string]bool{}
	kept := map[string]bool{}
	for _, c := range all {
		counts := make([]int, len(c.kinds))
		for _, o := range c.objects {
			counts[o.kind]++
		}
		for k, kind := range c.kinds {
			switch {
			case !strings.HasPrefix(kind.Name, "{") || kept[kind.Key]:
			case counts[k] >= leastObjects:
				kept[kind.Key] = true
				delete(folded, kind.Key)
			default:
				folded[kind.Key] = true
			}
		}
	}
	return folded
}

// count adds a census to the sums, and returns the growths that its kinds
// belong to.
func (c *comparison) count(i int, one *Census, folded map[string]bool) []int {
	of := make([]int, len(one.kinds))
	for k, kind := range one.kinds {
		if folded[kind.Key] {
			kind = Kind{Key: ",Object", Name: "Object", Type: Object}
		}
		of[k] = c.growth(kind)
	}
	for _, list := range [][]object{one.objects, one.natives} {
		for _, o := range list {
			g := &c.all[of[o.kind]]
			g.Count[i]++
			g.Bytes[i] += o.size
		}
	}
	return of
}

func (c *comparison) growth(kind Kind) int {
	i, ok := c.index[kind.Key]
	if !ok {
		i = len(c.all)
		c.index[kind.Key] = i
		c.all = append(c.all, Growth{
			Kind: kind, Count: make([]int, c.size), Bytes: make([]Bytes, c.size),
			Added: make([]int, c.size), Freed: make([]int, c.size),
		})
	}
	return i
}

// changes counts what came and went between two lists, sorted by id.
func (c *comparison) changes(i int, before, after []object, kindsBefore, kindsAfter []int) {
	eachChange(before, after,
		func(o object) { c.all[kindsBefore[o.kind]].Freed[i]++ },
		func(o object) { c.all[kindsAfter[o.kind]].Added[i]++ })
}

// collect notes the ids of what is in the last list only.
func (c *comparison) collect(first, last []object, kinds []int) {
	eachChange(first, last, func(object) {}, func(o object) {
		g := &c.all[kinds[o.kind]]
		g.New = append(g.New, uint64(o.id))
	})
}

func eachChange(before, after []object, freed, added func(object)) {
	for len(before) > 0 || len(after) > 0 {
		switch {
		case len(after) == 0 || len(before) > 0 && before[0].id < after[0].id:
			freed(before[0])
			before = before[1:]
		case len(before) == 0 || after[0].id < before[0].id:
			added(after[0])
			after = after[1:]
		default:
			before, after = before[1:], after[1:]
		}
	}
}
