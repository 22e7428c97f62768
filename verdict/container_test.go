package verdict

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// 100 bytes per request at 10/s are 3.6 MB an hour: 36 MB last 10 hours.
func TestUntilKill(t *testing.T) {
	sample := recording.Sample{Containers: []recording.Container{
		{Name: "target", WorkingSet: 64e6, Limit: 100e6}, {Name: "db", WorkingSet: 90e6, Limit: 91e6},
	}}
	rec := &recording.Recording{Observations: []recording.Observation{{Sample: sample}}}
	e := Endpoint{Outcome: Leak, Rate: 10, Retained: Estimate{Value: 100, Low: 90, High: 110}}
	if got, want := e.untilKill(limitRoom(rec)), 10*time.Hour; got.Round(time.Second) != want {
		t.Errorf("untilKill = %v, want %v", got, want)
	}
	for name, room := range map[string]unit.Bytes{"no limit": 0, "full": -1} {
		if got := e.untilKill(room); got >= 0 {
			t.Errorf("%s: untilKill = %v, want none", name, got)
		}
	}
	e.Outcome = Pass
	if got := e.untilKill(36e6); got >= 0 {
		t.Errorf("a pass: untilKill = %v, want none", got)
	}
}

// A child or a service that the kernel ends is told, also when its container is
// gone from the last sample.
func TestKills(t *testing.T) {
	at := func(containers ...recording.Container) recording.Observation {
		return recording.Observation{Sample: recording.Sample{Containers: containers}}
	}
	app, db := recording.Container{Name: "target", Limit: 256e6}, recording.Container{Name: "db"}
	killed, lost := app, db
	killed.OOMKills, lost.OOMKills = 2, 1
	for name, tt := range map[string]struct {
		seen []recording.Observation
		want []Warning
	}{
		"a process": {[]recording.Observation{at()}, nil},
		"none":      {[]recording.Observation{at(app, db), at(app, db)}, nil},
		"children":  {[]recording.Observation{at(app), at(killed), at(killed)}, []Warning{{WarnOOMKill, "the kernel ended 2 processes in the container target at its memory limit of 256 MB"}}},
		"a service": {[]recording.Observation{at(app, lost), at(app)}, []Warning{{WarnOOMKill, "the kernel ended a process in the container db at its memory limit"}}},
	} {
		j := &judge{rec: &recording.Recording{Observations: tt.seen}}
		if diff := cmp.Diff(tt.want, j.kills()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
