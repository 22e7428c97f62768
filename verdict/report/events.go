package report

import (
	"fmt"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// event is what happened in the middle of a run, and when.
type event struct{ when, message string }

// events are in the order of the run. That the setup ran again, as it may in each
// block, is told once.
func events(r *recording.Recording) []event {
	var all []event
	first, more := -1, 0
	var last recording.Event
	for _, e := range r.Events {
		again := e.Kind == recording.SetupAgain
		if again && first >= 0 {
			more, last = more+1, e
			continue
		}
		if again {
			first = len(all)
		}
		all = append(all, event{"after " + span(e.At), e.Message})
	}
	if more > 0 {
		all[first].message += fmt.Sprintf("; and so it did in %s until %s", unit.Plural(more, "more block"), span(last.At))
	}
	return all
}
