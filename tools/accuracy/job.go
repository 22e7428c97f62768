package main

import (
	"fmt"

	"github.com/leakcheck/leakcheck/scenarios/catalog"
)

// job is one run to do: a case on a Node with a seed, as a process or in a
// container, one endpoint at a time or all together.
type job struct {
	catalog.Case
	node      nodeChoice
	seed      uint64
	container bool
	mixed     bool
}

// planJobs lists every case that was asked for on each Node with each seed. With
// -container each stands twice, but for those whose service runs on this machine;
// with -mixed too, but for those that mixed blocks cannot tell apart.
func planJobs(cases []catalog.Case, o options) []job {
	var jobs []job
	for _, node := range o.nodes {
		for _, seed := range o.seeds {
			for _, c := range cases {
				if o.wants(c) {
					jobs = append(jobs, o.runsOf(job{Case: c, node: node, seed: seed})...)
				}
			}
		}
	}
	return jobs
}

func (o options) wants(c catalog.Case) bool {
	return o.cases.MatchString(c.Name+"/"+c.Variant) && !(o.container && len(c.Services) > 0) && (!o.mixed || mixes(c))
}

// runsOf is a plain run, and those that are compared with it.
func (o options) runsOf(plain job) []job {
	runs := []job{plain}
	if o.mixed {
		mixed := plain
		mixed.mixed = true
		runs = append(runs, mixed)
	}
	if o.container {
		contained := plain
		contained.container = true
		runs = append(runs, contained)
	}
	return runs
}

func (j job) key() key {
	return key{Case: j.Name, Variant: j.Variant, Node: j.node.major, Seed: j.seed, Container: j.container, Mixed: j.mixed}
}

// key tells runs apart; a finished run is found again by it.
type key struct {
	Case    string `json:"case"`
	Variant string `json:"variant"`
	Node    int    `json:"node"` // major version
	Seed    uint64 `json:"seed"`
	// Container says that the app ran in one.
	Container bool `json:"container,omitempty"`
	// Mixed says that its endpoints were only loaded together.
	Mixed bool `json:"mixed,omitempty"`
}

func (k key) String() string {
	name := fmt.Sprintf("%s-%s-node%d-seed%d", k.Case, k.Variant, k.Node, k.Seed)
	if k.Container {
		name += "-container"
	}
	if k.Mixed {
		name += "-mixed"
	}
	return name
}
