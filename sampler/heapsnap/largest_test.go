package heapsnap_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/leakcheck/leakcheck/sampler/heapsnap"
)

// heap is a snapshot of a root, a global object and what a test adds to it.
type heap struct {
	nodes, names []string
	held         map[int][]string // edges of a node
	index        map[string]int
}

func newHeap() *heap {
	h := &heap{held: map[int][]string{}, index: map[string]int{}}
	h.node(9, "", 0)
	h.node(3, "global", 16)
	h.edge(0, 5, "", 1)
	return h
}

func (h *heap) name(text string) int {
	i, ok := h.index[text]
	if !ok {
		i = len(h.names)
		h.index[text] = i
		h.names = append(h.names, fmt.Sprintf("%q", text))
	}
	return i
}

func (h *heap) node(typ int, name string, size int) int {
	h.nodes = append(h.nodes, fmt.Sprintf("%d,%d,%d,%d", typ, h.name(name), 2*len(h.nodes)+1, size))
	return len(h.nodes) - 1
}

func (h *heap) edge(from, typ int, name string, to int) {
	text := fmt.Sprintf("%d,%d,%d", typ, h.name(name), 6*to)
	if typ == 1 { // an element
		text = fmt.Sprintf("1,%d,%d", len(h.held[from]), 6*to)
	}
	h.held[from] = append(h.held[from], text)
}

func (h *heap) read(t *testing.T) *heapsnap.Snapshot {
	t.Helper()
	var nodes, edges []string
	for i, n := range h.nodes {
		nodes = append(nodes, fmt.Sprintf("%s,%d,0", n, len(h.held[i])))
		edges = append(edges, h.held[i]...)
	}
	s, err := heapsnap.Read(strings.NewReader(document(len(nodes), len(edges), strings.Join(nodes, ","), strings.Join(edges, ","), strings.Join(h.names, ","), "")))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestLargest(t *testing.T) {
	h := newHeap()
	list := h.node(3, "Array", 16)
	h.edge(1, 2, "requests", list)
	for range 50 { // 50 requests of 100 + 40 bytes
		request := h.node(3, "Request", 100)
		h.edge(list, 1, "", request)
		h.edge(request, 2, "headers", h.node(3, "Headers", 40))
	}
	older := h.node(3, "History", 16)
	h.edge(1, 2, "history", older)
	for i := range 200 { // a chain of 200 entries of 20 bytes
		entry := h.node(3, "Entry", 20)
		h.edge(older, 2, map[bool]string{true: "newest", false: "older"}[i == 0], entry)
		older = entry
	}
	large := h.node(2, "a long text", 3000)
	h.edge(1, 2, "page", large)
	h.edge(1, 2, "one", h.node(3, "Config", 30)) // too small to be told

	var got []string
	for _, g := range h.read(t).Largest(5) {
		at, _ := g.Path.Container()
		got = append(got, fmt.Sprintf("%d %s of %d bytes in %s (%s), chain %v", g.Count, g.Class, g.Retained, at.Name, at.Kind, g.Chain))
	}
	want := []string{
		"50 Request of 7000 bytes in requests (element), chain false",
		"200 Entry of 4000 bytes in newest (property), chain true",
		"1 (string) of 3000 bytes in page (global), chain false",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
