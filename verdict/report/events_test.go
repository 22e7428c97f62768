package report

import (
	"slices"
	"testing"
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording"
)

func TestEvents(t *testing.T) {
	again := func(at int, message string) recording.Event {
		return recording.Event{At: time.Duration(at) * time.Second, Kind: recording.SetupAgain, Message: message}
	}
	cut := recording.Event{At: 13 * time.Second, Kind: recording.WarmUpCut, Message: "memory still moved"}
	for name, c := range map[string]struct {
		events []recording.Event
		want   []event
	}{
		"none":  {nil, nil},
		"once":  {[]recording.Event{cut, again(36, "ran again")}, []event{{"after 13 s", "memory still moved"}, {"after 36 s", "ran again"}}},
		"often": {[]recording.Event{again(9, "one"), cut, again(36, "two"), again(78, "three")}, []event{{"after 9.0 s", "one; and so it did in 2 more blocks until 78 s"}, {"after 13 s", "memory still moved"}}},
	} {
		if got := events(&recording.Recording{Events: c.events}); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
