package verdict

import (
	"math"
	"slices"

	"github.com/leakcheck/leakcheck/sampler/recording"
)

const (
	// leastCount is how many more of a resource must be open at the end before
	// it is a finding, and leastRate the smallest number per request.
	leastCount = 20
	leastRate  = 0.02
	// countSlack is how far each block may be from the common rate, and countSDs
	// how many Poisson deviations more, where only some requests leave one open.
	countSlack = 0.15
	countSDs   = 3
	// leastBlocks is in how many blocks the rate must have been the same.
	leastBlocks = 3
)

// limited says that the system runs out of the resource, whatever memory it
// takes: it is a leak by itself.
func (r Resource) limited() bool {
	return slices.Contains([]string{"fd", "socket", "process", "worker", "TCPSocketWrap", "PipeWrap"}, r.Name)
}

// resources finds what each endpoint leaves open. Counts need no statistics:
// the same number per request in every block but the first, warm-up
// included, is proof.
func (j *judge) resources() []Resource {
	var out []Resource
	for e := range j.rec.Header.Endpoints {
		for _, name := range j.resourceNames() {
			if r, ok := j.resource(e, name); ok {
				out = append(out, r)
			}
		}
	}
	return out
}

func (j *judge) resourceNames() []string {
	seen := map[string]bool{}
	for i := range j.rec.Observations {
		for name := range j.rec.Observations[i].Sample.Resources {
			seen[name] = true
		}
	}
	names := make([]string, 0, len(seen))
	for name := range seen {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// leastShareOf is the smallest part of an endpoint's requests that may be to blame.
func (j *judge) leastShareOf(endpoint int) float64 {
	if endpoint == len(j.rec.Header.Endpoints)-1 {
		return j.leastShare
	}
	return 1
}

func (j *judge) resource(endpoint int, name string) (Resource, bool) {
	count := func(s *recording.Sample) float64 { return float64(s.Resources[name]) }
	var increments []increment
	for _, st := range j.series.warm {
		if st.endpoint == endpoint {
			increments = append(increments, st)
		}
	}
	increments = append(increments, j.series.of(endpoint)...)
	if len(increments) > 0 {
		increments = increments[1:] // the very first requests open what stays open (pools)
	}
	changes, reqs := j.series.changes(increments, count), requests(increments)
	if len(increments) < leastBlocks || total(changes) < leastCount {
		return Resource{}, false
	}
	rate := median(ratios(changes, reqs))
	if rate < leastRate*j.leastShareOf(endpoint) {
		return Resource{}, false
	}
	for i := range changes {
		want := rate * reqs[i]
		if math.Abs(changes[i]-want) > 1+countSlack*want+countSDs*math.Sqrt(want) {
			return Resource{}, false
		}
	}
	last := j.rec.Observations[len(j.rec.Observations)-1].Sample.Resources[name]
	return Resource{Endpoint: endpoint, Name: name, PerRequest: rate, Last: last}, true
}
