package harness

import (
	"fmt"

	"github.com/leakcheck/leakcheck/sampler/recording"
)

// surelyCollects is how many requests no JavaScript serves without a garbage
// collection: 100 bytes each would fill the smallest young generation twice.
const surelyCollects = 20_000

// checkServes doubts that the process behind a forwarded inspector serves, once
// it was idle under load: its port's owner cannot be seen from here.
func (r *run) checkServes() {
	if r.serves {
		return
	}
	requests, collections := 0, 0
	for i := range r.rec.Observations {
		o := &r.rec.Observations[i]
		requests += o.Block.Load.Requests
		collections += o.Sample.Loop.GCCount
	}
	if r.serves = collections > 0 || requests >= surelyCollects; collections == 0 && r.serves {
		r.event(recording.MultipleProcesses, fmt.Sprintf("the inspected process is probably not the one serving: it ran no garbage collection during %d requests", requests))
	}
}
