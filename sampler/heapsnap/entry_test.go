package heapsnap_test

import (
	"cmp"
	"fmt"
	"testing"

	"github.com/leakcheck/leakcheck/sampler/heapsnap"
)

func TestEntry(t *testing.T) {
	step := func(kind heapsnap.StepKind, n heapsnap.Node, name string) heapsnap.Step {
		return heapsnap.Step{Kind: kind, Node: n, Name: name}
	}
	link := func(n heapsnap.Node) heapsnap.Step {
		return heapsnap.Step{Kind: heapsnap.Property, Node: n, Name: "older", Text: "Entry.older"}
	}
	target := step(heapsnap.Target, 9, "")
	tests := []struct {
		name  string
		path  heapsnap.Path
		lived heapsnap.Node // and all nodes with a lower number
		want  heapsnap.Entry
		ok    bool
	}{
		{"elements of a variable", heapsnap.Path{step(heapsnap.ModuleVariable, 1, "log"), step(heapsnap.ElementOf, 2, ""), target}, 2, heapsnap.Entry{Step: 1, Kind: heapsnap.ElementOf, Name: "log"}, true},
		{"within what is new", heapsnap.Path{step(heapsnap.ModuleVariable, 1, "log"), step(heapsnap.ElementOf, 2, ""), step(heapsnap.Property, 3, "headers"), target}, 2, heapsnap.Entry{Step: 1, Kind: heapsnap.ElementOf, Name: "log"}, true},
		{"head of a list", heapsnap.Path{step(heapsnap.ModuleVariable, 1, "history"), step(heapsnap.Property, 2, "newest"), step(heapsnap.Property, 3, "older"), target}, 2, heapsnap.Entry{Step: 1, Kind: heapsnap.Property, Name: "newest"}, true},
		{"a variable", heapsnap.Path{step(heapsnap.ModuleVariable, 1, "state"), step(heapsnap.Property, 2, "events"), target}, 1, heapsnap.Entry{Step: 0, Kind: heapsnap.ModuleVariable, Name: "state"}, true},
		{"V8's own", heapsnap.Path{step(heapsnap.ModuleVariable, 1, "registry"), step(heapsnap.Internal, 2, "active_cells"), target}, 2, heapsnap.Entry{Step: 1, Kind: heapsnap.Internal, Name: "registry"}, true},
		{"elements of elements", heapsnap.Path{step(heapsnap.ModuleVariable, 1, "pages"), step(heapsnap.ElementOf, 2, ""), step(heapsnap.ElementOf, 3, ""), target}, 3, heapsnap.Entry{Step: 2, Kind: heapsnap.ElementOf}, false},
		{"Node's own", heapsnap.Path{step(heapsnap.System, 1, ""), target}, 1, heapsnap.Entry{Step: 0, Kind: heapsnap.System}, false},
		{"a reused number", heapsnap.Path{step(heapsnap.ModuleVariable, 1, "history"), link(7), link(2), target}, 2, heapsnap.Entry{Step: 0, Kind: heapsnap.ModuleVariable, Name: "history"}, true},
		{"all is new", heapsnap.Path{step(heapsnap.ModuleVariable, 1, "log"), target}, 0, heapsnap.Entry{}, false},
	}
	for _, tt := range tests {
		for i := range tt.path { // whose texts are a test's own only where it matters
			tt.path[i].Text = cmp.Or(tt.path[i].Text, fmt.Sprint(i))
		}
		got, ok := tt.path.Entry(func(n heapsnap.Node) bool { return n <= tt.lived })
		if got != tt.want || ok != tt.ok {
			t.Errorf("%s: got %+v, %v, want %+v, %v", tt.name, got, ok, tt.want, tt.ok)
		}
	}
}
