package verdict

import (
	"testing"

	"github.com/leakcheck/leakcheck/verdict/simulate"
)

// A run of a selection, or one that promised less, says so.
func TestWarnsOfSelection(t *testing.T) {
	rec := simulate.Run{Seed: 1, Endpoints: 2, Rounds: 6, PerBlock: 6000, Noise: 4000, Budget: 1}.Record()
	codes := func() map[string]bool {
		v, err := Judge(rec, Options{})
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]bool{}
		for _, w := range v.Warnings {
			out[w.Code] = true
		}
		return out
	}
	if got := codes(); got[WarnSelection] || got[WarnQuick] {
		t.Errorf("a whole run: warnings %v", got)
	}
	rec.Header.Scenario.Endpoints, rec.Header.Scenario.Quick = 40, true
	if got := codes(); !got[WarnSelection] || !got[WarnQuick] {
		t.Errorf("a quick run of 2 of 40: warnings %v", got)
	}
}
