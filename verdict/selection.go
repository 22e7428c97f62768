package verdict

import "fmt"

// Codes of warnings about how much of a scenario was asked for.
const (
	WarnSelection = "selection"
	WarnQuick     = "quick"
)

// selection says what was left out on purpose, and that less is promised than the
// scenario asks for.
func (j *judge) selection() []Warning {
	var w []Warning
	h := &j.rec.Header
	if n := len(h.Endpoints); h.Scenario.Endpoints > n {
		w = append(w, Warning{WarnSelection, fmt.Sprintf("%d of %d endpoints were measured, as asked for: nothing is said of the others, "+
			"nor of what they retain together with these", n, h.Scenario.Endpoints)})
	}
	if h.Scenario.Quick {
		w = append(w, Warning{WarnQuick, fmt.Sprintf("a quick run: the confidence is %g %%, and time was short, so that small leaks stay undecided; "+
			"a run without --quick gives the scenario's own promise", h.Confidence*100)})
	}
	return w
}
