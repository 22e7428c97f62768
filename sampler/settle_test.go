package sampler

import (
	"testing"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// Readings of real apps on Node 20, in bytes.
func TestLevel(t *testing.T) {
	tests := []struct {
		name     string
		readings []unit.Bytes
		after    int // readings until it has settled, 0 for never
		at       unit.Bytes
	}{
		{"at once", []unit.Bytes{3997896, 3997952}, 2, 3997952},
		{"garbage in the first", []unit.Bytes{4250328, 3997896, 3997896}, 3, 3997896},
		{"higher for a while, twice", []unit.Bytes{3997896, 4118416, 4118416, 3997896}, 4, 3997896},
		{"higher from the second on", []unit.Bytes{3894784, 3898144, 3898144, 3898200}, 4, 3898200},
		{"a peak, and then higher", []unit.Bytes{3994480, 4118416, 3997896, 3997896, 3997896}, 5, 3997896},
		{"it never rests", []unit.Bytes{5e6, 5.1e6, 5.3e6, 5.2e6, 5.4e6}, 0, 5e6},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var l level
			var at unit.Bytes
			after := 0
			for i, used := range tt.readings {
				settled, counts := l.add(used)
				if counts {
					at = used
				}
				if settled {
					after = i + 1
					break
				}
			}
			if after != tt.after || at != tt.at {
				t.Errorf("settled after %d readings at %d, want %d at %d", after, at, tt.after, tt.at)
			}
		})
	}
}
