package target

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNodeVersion(t *testing.T) {
	type facts struct{ Parsed, TooOld, ExposeGC bool }
	tests := map[string]facts{
		"v16.20.2\n":       {Parsed: true, TooOld: true},
		"v18.0.0\n":        {Parsed: true},
		"v20.17.9\n":       {Parsed: true},
		"v20.18.0\n":       {Parsed: true, ExposeGC: true},
		"v21.7.3\n":        {Parsed: true},
		"v22.2.0\n":        {Parsed: true},
		"v22.3.0\n":        {Parsed: true, ExposeGC: true},
		"v24.0.0-nightly":  {Parsed: true, ExposeGC: true},
		"node.js/v26.10.1": {Parsed: true, ExposeGC: true},
		"1.2.3":            {TooOld: true},
	}
	for answer, want := range tests {
		version, parsed := parseNodeVersion(answer)
		got := facts{Parsed: parsed, TooOld: version.check() != nil, ExposeGC: version.allowsExposeGC()}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", answer, diff)
		}
	}
}
