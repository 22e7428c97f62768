package examine

import (
	"math"

	"github.com/leakcheck/leakcheck/sampler/evidence"
	"github.com/leakcheck/leakcheck/sampler/heapsnap"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

const (
	// maxClasses bounds the classes that are kept as evidence.
	maxClasses = 12
	// leastGrown is how many objects a class must gain, and proportion how far
	// the error of its rate may reach, to count as growing with the requests. Of
	// two snapshots no error is known: leastOnce is asked of them.
	leastGrown = 10
	leastOnce  = 50
	proportion = 0.2
	// asked is how many new objects of a class are asked what holds them.
	asked = 20
)

// classes keeps those that grow in proportion, with what holds the new objects.
func (x *examination) classes(all []heapsnap.Growth, last *heapsnap.Snapshot, units []int, isolate string, lived func(uint64) bool) {
	growth := x.found.Growth
	least := leastGrown
	if growth.Blocks == 1 {
		least = leastOnce
	}
	held := newHeld(x, last, isolate, lived)
	for i := range all {
		g := &all[i]
		p := g.PerRequest(units)
		if g.CountDelta() < least || math.IsNaN(p.Count) || p.CountError > proportion*p.Count || len(growth.Classes) == maxClasses {
			continue
		}
		c := evidence.Class{Isolate: isolate, Name: g.Name, PerUnit: 1000 * p.Count, Error: 1000 * p.CountError, Bytes: 1000 * p.Bytes}
		if f := g.Function; f != nil {
			at := x.places.resolver.Frame(f.Name, f.Script, f.Line, f.Column)
			c.Function = &at
		}
		ways := waysOf(last, g.New)
		for k, way := range ways {
			if k == 0 {
				c.Path, c.Share = words(way.path), way.share
			} else {
				c.Others = append(c.Others, evidence.Way{Path: words(way.path), Share: way.share})
			}
		}
		held.class(ways, g.Type == heapsnap.Closure, c.PerUnit)
		growth.Classes = append(growth.Classes, c)
	}
	growth.Held = held.stores
}

// way is how some of a class's new objects are held.
type way struct {
	path  heapsnap.Path
	share float64
}

// leastWay is the least share of a class's new objects that is told by a way of
// its own, and mostWays how many are.
const (
	leastWay = 0.15
	mostWays = 4
)

// waysOf are the ways in which most of the objects are held, the most frequent
// first; none when nothing is known to hold them.
func waysOf(s *heapsnap.Snapshot, ids []uint64) []way {
	nodes := heapsnap.Evenly(s.ByIDs(ids), asked)
	var ways []way
	for _, g := range s.Paths(nodes) {
		share := float64(len(g.Nodes)) / float64(len(nodes))
		if len(g.Path) > 0 && len(ways) < mostWays && (len(ways) == 0 || share >= leastWay) {
			ways = append(ways, way{g.Path, share})
		}
	}
	return ways
}

func words(p heapsnap.Path) []string {
	var texts []string
	for _, step := range p {
		texts = append(texts, step.Text)
	}
	return texts
}

// paths tells what holds the containers that were seen to grow.
func (x *examination) paths(s *heapsnap.Snapshot, isolate string) {
	for i := range x.found.Watch.Stores {
		store := &x.found.Watch.Stores[i]
		if store.Isolate != isolate || store.HeapID == 0 {
			continue
		}
		if n, ok := s.ByID(store.HeapID); ok {
			store.Path = words(s.Path(n))
			store.Retained = unit.Bytes(s.RetainedSize(n))
		}
	}
}
