package history

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Kind is what two runs must have in common for their numbers to be
// comparable. Each endpoint has its identity besides.
type Kind struct {
	Scenario string
	Node     string
	Machine  Machine
}

// Kind is the run's.
func (r *Run) Kind() Kind {
	return Kind{Scenario: r.Scenario, Node: r.Node, Machine: r.Machine}
}

// String names the kind without its scenario: "node v24.21.0, linux/amd64, 2
// CPUs".
func (k Kind) String() string {
	return "node " + k.Node + ", " + k.Machine.String()
}

// String is "linux/amd64, 2 CPUs".
func (m Machine) String() string {
	return fmt.Sprintf("%s/%s, %d CPUs", m.OS, m.Arch, m.CPUs)
}

// Differences says what keeps two kinds from being compared, one line each;
// none when they are comparable.
func (k Kind) Differences(o Kind) []string {
	var out []string
	differ := func(what, a, b string) {
		if a != b {
			out = append(out, fmt.Sprintf("%s: %s and %s", what, a, b))
		}
	}
	differ("scenario", k.Scenario, o.Scenario)
	differ("Node.js", k.Node, o.Node)
	differ("machine", k.Machine.String(), o.Machine.String())
	if k.Machine.String() == o.Machine.String() {
		differ("processor", k.Machine.CPUModel, o.Machine.CPUModel)
	}
	return out
}

// Group is the runs of one kind, by the age of their commits.
type Group struct {
	Kind Kind
	Runs []Run
}

// Groups parts runs by their kind. Groups are in the order of their last runs,
// the latest last.
func Groups(runs []Run) []Group {
	var out []Group
	for _, r := range Identified(runs) {
		k := r.Kind()
		i := slices.IndexFunc(out, func(g Group) bool { return g.Kind == k })
		if i < 0 {
			out, i = append(out, Group{Kind: k}), len(out)
		}
		out[i].Runs = append(out[i].Runs, r)
	}
	for _, g := range out {
		slices.SortStableFunc(g.Runs, byCommit)
	}
	slices.SortStableFunc(out, func(a, b Group) int { return a.latest().Compare(b.latest()) })
	return out
}

// byCommit orders runs as their commits were made: an old commit that was
// measured late (by bisect, say) stands where it belongs. A run without a
// commit stands at its own time.
func byCommit(a, b Run) int {
	return cmp.Or(a.at().Compare(b.at()), a.StartedAt.Compare(b.StartedAt), cmp.Compare(a.ID, b.ID))
}

func (r *Run) at() time.Time {
	if r.CommitTime.IsZero() {
		return r.StartedAt
	}
	return r.CommitTime
}

func (g *Group) latest() time.Time {
	var last time.Time
	for i := range g.Runs {
		if g.Runs[i].StartedAt.After(last) {
			last = g.Runs[i].StartedAt
		}
	}
	return last
}

// EndpointNames lists the endpoints of all the group's runs, in the order of
// the scenario.
func (g *Group) EndpointNames() []string {
	var names []string
	for i := range g.Runs {
		for _, e := range g.Runs[i].Endpoints {
			if !slices.Contains(names, e.Name) {
				names = append(names, e.Name)
			}
		}
	}
	return names
}
