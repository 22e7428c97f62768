package history

import (
	"slices"
	"strings"
)

// scenarioEndpoint is an endpoint of one content of a scenario.
type scenarioEndpoint struct{ scenario, hash, name string }

// Identified returns the runs with identities for endpoints of older releases, which
// kept none: a run of the same scenario content tells them. Where no run does, they
// stay empty.
func Identified(runs []Run) []Run {
	known := map[scenarioEndpoint]string{}
	for i := range runs {
		for _, e := range runs[i].Endpoints {
			if e.Identity != "" {
				known[scenarioEndpoint{runs[i].Scenario, runs[i].Hash, e.Name}] = e.Identity
			}
		}
	}
	out := slices.Clone(runs)
	for i := range out {
		r := &out[i]
		r.Endpoints = slices.Clone(r.Endpoints)
		for k := range r.Endpoints {
			if e := &r.Endpoints[k]; e.Identity == "" {
				e.Identity = known[scenarioEndpoint{r.Scenario, r.Hash, e.Name}]
			}
		}
	}
	return out
}

// identityParts are what the parts of an identity are of, in their order.
var identityParts = []string{"its request", "its load", "the target or the setup"}

// Apart says why what two runs measured of an endpoint cannot be compared, "" when it
// can. Both have the endpoint.
func Apart(a, b *Run, name string) string {
	x, y := a.Endpoint(name).Identity, b.Endpoint(name).Identity
	switch {
	case x == y && x != "" || (x == "" || y == "") && a.Hash == b.Hash:
		return ""
	case x == "" || y == "":
		return "a run of an older leakcheck, and of another scenario content"
	}
	return partsApart(strings.Split(x, "."), strings.Split(y, "."))
}

func partsApart(x, y []string) string {
	if len(x) != len(identityParts) || len(y) != len(identityParts) {
		return "its request, its load or the target differs"
	}
	var differ []string
	for i, what := range identityParts {
		if x[i] != y[i] {
			differ = append(differ, what)
		}
	}
	if len(differ) == 1 {
		return differ[0] + " differs"
	}
	return strings.Join(differ, ", ") + " differ"
}
