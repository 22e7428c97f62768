package compare

import (
	"fmt"

	"github.com/leakcheck/leakcheck/verdict"
)

// Codes of warnings.
const (
	WarnFewProcesses = "few-processes"
	WarnDirty        = "dirty"
	WarnTool         = "tool"
	WarnIncomplete   = "incomplete"
)

// warnings are the doubts about the comparison as a whole.
func warnings(base, head Side) []verdict.Warning {
	out := []verdict.Warning{}
	for _, s := range []Side{base, head} {
		out = append(out, s.warnings()...)
	}
	if a, b := base.Runs[0].Tool, head.Runs[0].Tool; a != b {
		out = append(out, verdict.Warning{Code: WarnTool, Message: fmt.Sprintf("measured by leakcheck %s and %s", a, b)})
	}
	return out
}

func (s *Side) warnings() []verdict.Warning {
	var out []verdict.Warning
	if len(s.Runs) < 2 {
		out = append(out, verdict.Warning{
			Code:    WarnFewProcesses,
			Message: fmt.Sprintf("%s was measured in one process: how processes differ is assumed, not measured", s.Name),
		})
	}
	for i := range s.Runs {
		r := &s.Runs[i]
		if r.Dirty {
			out = append(out, verdict.Warning{Code: WarnDirty, Message: fmt.Sprintf("run %s was of a checkout with changes", r.ID)})
		}
		if r.Outcome != verdict.Pass && r.Outcome != verdict.Leak && r.Outcome != verdict.Inconclusive {
			out = append(out, verdict.Warning{Code: WarnIncomplete, Message: fmt.Sprintf("run %s ended early (%s)", r.ID, r.Outcome)})
		}
	}
	return out
}
