package harness

import (
	"path/filepath"
	"testing"

	"github.com/leakcheck/leakcheck/sampler/recording"
)

func TestCheckServes(t *testing.T) {
	for name, c := range map[string]struct {
		visible               bool
		requests, collections int
		doubted               bool
	}{
		"its port is seen":      {visible: true, requests: surelyCollects},
		"it collects":           {requests: surelyCollects, collections: 1},
		"too few to tell":       {requests: surelyCollects - 1},
		"it is idle under load": {requests: surelyCollects, doubted: true},
	} {
		w, err := recording.NewWriter(filepath.Join(t.TempDir(), "r"), recording.Header{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = w.Close() })
		r := &run{writer: w, serves: c.visible, rec: &recording.Recording{Observations: []recording.Observation{
			{Block: recording.Block{Load: recording.Load{Requests: c.requests}}, Sample: recording.Sample{Loop: recording.Loop{GCCount: c.collections}}},
		}}}
		for range 2 {
			r.checkServes()
		}
		if got := r.rec.Events; len(got) > 1 || (len(got) == 1 && got[0].Kind == recording.MultipleProcesses) != c.doubted {
			t.Errorf("%s: events %+v, want a doubt: %v", name, got, c.doubted)
		}
	}
}
