package heapsnap_test

import (
	"fmt"
	"testing"

	"github.com/leakcheck/leakcheck/sampler/heapsnap"
)

// A chain is told by one of its links, of however many steps that is.
func TestPathOfChain(t *testing.T) {
	for _, tt := range []struct {
		link []string // the holders' properties, link for link
		want string
	}{
		{[]string{"older"}, "global.head -> Link0.older ×300 -> Link0"},
		{[]string{"text", "scope", "previous"}, "global.head -> Link0.text ×300 -> Link1.scope ×300 -> Link2.previous ×300 -> Link0"},
		{[]string{"a", "b", "c", "d"}, "global.head -> Link0.a ×300 -> Link1.b ×300 -> Link2.c ×300 -> Link3.d ×300 -> Link0"},
	} {
		h := newHeap()
		last := h.node(3, "Link0", 16)
		h.edge(1, 2, "head", last)
		for range 300 {
			for i, name := range tt.link {
				next := h.node(3, "Link"+string(rune('0'+(i+1)%len(tt.link))), 16)
				h.edge(last, 2, name, next)
				last = next
			}
		}
		if got := h.read(t).Path(heapsnap.Node(last)).String(); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

// Each node of a list is asked for: were each path walked from the root, this
// would take hours.
func TestPathsOfLongList(t *testing.T) {
	const links = 100_000
	h := newHeap()
	last := h.node(3, "Link", 16)
	h.edge(1, 2, "head", last)
	for range links - 1 {
		next := h.node(3, "Link", 16)
		h.edge(last, 2, "older", next)
		last = next
	}
	s := h.read(t)
	var nodes []heapsnap.Node
	for n := range s.Nodes() {
		if s.Name(n) == "Link" {
			nodes = append(nodes, n)
		}
	}
	groups := s.Paths(nodes)
	if len(groups) != 2 || len(groups[0].Nodes) != links-1 || len(groups[1].Nodes) != 1 {
		t.Fatalf("got %d groups, want the list's head and its other %d links", len(groups), links-1)
	}
	want := fmt.Sprintf("global.head -> Link.older ×%d -> Link", links-1)
	if got := s.Path(heapsnap.Node(last)).String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Of a long path whose steps are all different, the middle is left out.
func TestPathThatDoesNotFold(t *testing.T) {
	const steps = 1000
	h := newHeap()
	last := 1
	for i := range steps {
		next := h.node(3, "Link", 16)
		h.edge(last, 2, "p"+string(rune('a'+i/26/26))+string(rune('a'+i/26%26))+string(rune('a'+i%26)), next)
		last = next
	}
	path := h.read(t).Path(heapsnap.Node(last))
	told, omitted := 0, 0
	for _, step := range path[:len(path)-1] {
		if step.Kind == heapsnap.Omitted {
			omitted += step.Times
		} else {
			told++
		}
	}
	if told != 200 || told+omitted != steps {
		t.Errorf("got %d steps told and %d omitted, want 200 and %d", told, omitted, steps-200)
	}
}
