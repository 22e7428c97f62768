package heapsnap_test

import (
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
