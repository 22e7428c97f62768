package verdict

import (
	"cmp"
	"slices"

	"github.com/leakcheck/leakcheck/sampler/recording"
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
	if v.Interaction != nil && v.Interaction.Outcome == Leak {
		all = append(all, recording.Mixed)
	}
	if v.Background.Outcome == Leak {
		all = append(all, recording.Idle)
	}
	return all
}
