package diagnose_test

import (
	"testing"

	"github.com/leakcheck/leakcheck/sampler/evidence"
	"github.com/leakcheck/leakcheck/verdict"
	"github.com/leakcheck/leakcheck/verdict/diagnose"
)

// What a line does tells less of the pattern than what the run counted, and what
// the snapshots show.
func TestPatternOfLine(t *testing.T) {
	sockets := []verdict.Resource{{Name: "socket", Endpoint: 0, PerRequest: 1}}
	signals := &evidence.Growth{Load: thousand, Classes: []evidence.Class{{
		Name: "WeakRef", PerUnit: 1, Bytes: 20, Path: []string{"stop (module variable, server.js)", "EventTarget[kDependantSignals]", "Set[ ]", "WeakRef"},
	}}}
	held := keep(evidence.Object, 1000, frame("report", 5), frame("handle", 1))
	held.Path = signals.Classes[0].Path[:3]
	for _, tt := range []struct {
		name  string
		idiom evidence.Idiom
		open  []verdict.Resource
		grown *evidence.Growth
		want  diagnose.Pattern
	}{
		{"listens", "listen", nil, nil, diagnose.Listeners},
		{"listens to what stays open", "listen", sockets, nil, diagnose.Connections},
		{"opens what stays open", "open", sockets, nil, diagnose.Connections},
		{"opens", "open", nil, nil, diagnose.Streams},
		{"waits for any signal", "signal", nil, nil, diagnose.Listeners},
		{"makes what a signal keeps", "new", nil, signals, diagnose.Listeners},
		{"makes", "new", nil, &evidence.Growth{Load: thousand}, diagnose.Collection},
		{"is held by a signal", "", nil, &evidence.Growth{Load: thousand, Held: []evidence.Store{held}}, diagnose.Listeners},
	} {
		line := frame("report", 5)
		line.Idiom = tt.idiom
		sites := []evidence.Site{{Stack: []evidence.Frame{frame("report", 3)}, Bytes: 90_000, Lines: []evidence.Frame{line}}}
		v := &verdict.Verdict{Endpoints: []verdict.Endpoint{{Name: "report"}}, Resources: tt.open}
		f := diagnose.Diagnose(v, []evidence.Evidence{{Profile: evidence.Profile{Load: thousand, Sites: sites}, Growth: tt.grown}}).Findings[0]
		if len(f.Suspects) == 0 || f.Suspects[0].Pattern != tt.want || f.Suspects[0].At.Line != 5 {
			t.Errorf("%s: got %+v, want %s at line 5", tt.name, f.Suspects, tt.want)
		}
	}
}
