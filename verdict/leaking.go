package verdict

import (
	"cmp"
	"slices"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// Leaking lists the endpoints that leak and are not waived, the largest growth
// per hour first, then recording.Mixed when they do together, and
// recording.Idle when the background does.
func (v *Verdict) Leaking() []int {
	var all []int
	for i := range v.Endpoints {
		if e := &v.Endpoints[i]; e.Outcome == Leak && (e.Waived == nil || e.Waived.Expired) {
			all = append(all, i)
		}
	}
	slices.SortStableFunc(all, func(a, b int) int {
		return cmp.Compare(v.Endpoints[b].PerHour.Value, v.Endpoints[a].PerHour.Value)
	})
	if v.Together != nil && v.Together.Outcome == Leak {
		all = append(all, recording.Mixed)
	}
	if v.Background.Outcome == Leak {
		all = append(all, recording.Idle)
	}
	return all
}

// Retains is how much the smallest leak of JS memory has left in the measured rounds:
// it could be held for a time only. It is 0 where something else leaks, or nothing.
func (v *Verdict) Retains() unit.Bytes {
	least := unit.Bytes(0)
	for _, e := range v.All() {
		if e.Outcome != Leak || e.Retained.Low <= 0 && e.Stepped <= 0 {
			continue
		}
		left := unit.Bytes(float64(max(e.Retained.Value, e.Stepped)) * float64(e.Requests))
		if least == 0 || left < least {
			least = left
		}
	}
	return least
}
