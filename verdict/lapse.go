package verdict

import "github.com/leakcheck/leakcheck/sampler/recording/unit"

const (
	// muchOfAll is the part of all that is retained that must go for it to be much:
	// connections that were kept open and time out are a few percent.
	muchOfAll = 0.1
	// muchOfGrown is that part of what leaks or has grown, and beyondNoise how many
	// standard deviations of a sample it must be.
	muchOfGrown = 0.25
	beyondNoise = 2
)

// Goes says whether it is much that went of all that was retained when time passed:
// of what the smallest leak has left, so that no large one hides what another endpoint
// holds for a time; where the verdict saw memory go, of what had grown since the
// warm-up; and else of all there was.
func (v *Verdict) Goes(gone, grown, all unit.Bytes) bool {
	least := muchOfAll * float64(all)
	switch left := v.Retains(); {
	case left > 0:
		least = muchOfGrown * float64(left)
	case v.Transient:
		least = muchOfGrown * float64(grown)
	}
	return float64(gone) > max(least, beyondNoise*float64(v.Noise))
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
