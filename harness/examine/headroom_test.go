package examine

import (
	"errors"
	"testing"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// A snapshot of 84 MiB takes 13 times as much, 1,092 MiB: a container of 384 MiB
// has been killed by one.
func TestEnoughFor(t *testing.T) {
	const mib = unit.Bytes(1 << 20)
	for room, want := range map[unit.Bytes]error{
		300 * mib:  errNoHeadroom,
		1091 * mib: errNoHeadroom,
		1092 * mib: nil,
	} {
		if err := enoughFor(84*mib, room); !errors.Is(err, want) {
			t.Errorf("room of %s: got %v, want %v", room, err, want)
		}
	}
}
