package verdict

import (
	"fmt"
	"strings"
)

// silence is the workers that did not answer when the fitted rounds were sampled.
// A sample has them as they were last known, so that their growth is in nothing
// but the resident memory.
type silence struct {
	never []string // answered at no sample
	since []string // answered, and at their last samples did not
}

// silence looks at all samples that the fitted rounds begin, end or hold.
func (j *judge) silence() silence {
	var out silence
	var names []string
	answered, silent := map[string]bool{}, map[string]bool{}
	for k := j.fittedFrom(); k < len(j.rec.Observations); k++ {
		for _, i := range j.rec.Observations[k].Sample.Isolates {
			if _, known := silent[i.Name]; !known {
				names = append(names, i.Name)
			}
			silent[i.Name] = i.Silent
			answered[i.Name] = answered[i.Name] || !i.Silent
		}
	}
	for _, name := range names {
		switch {
		case !answered[name]:
			out.never = append(out.never, name)
		case silent[name]:
			out.since = append(out.since, name)
		}
	}
	return out
}

// fittedFrom is the observation that the fitted rounds start from.
func (j *judge) fittedFrom() int {
	first := j.series.rounds - window(j.series.rounds)
	for _, st := range j.series.increments {
		if st.round >= first {
			return st.index - 1
		}
	}
	return len(j.rec.Observations)
}

// doubt is why the silence forbids a pass, "" when it does not: what never
// answered is told and left out, what stopped may have grown since.
func (s silence) doubt() string {
	if len(s.since) == 0 {
		return ""
	}
	return "stopped answering, and may have grown since: " + list(s.since)
}

func (s silence) warnings() []Warning {
	var w []Warning
	if len(s.never) > 0 {
		w = append(w, Warning{WarnWorkerUnresponsive, fmt.Sprintf("never answered, so that heap and buffers were not measured, only resident memory: %s", list(s.never))})
	}
	if why := s.doubt(); why != "" {
		w = append(w, Warning{WarnWorkerUnresponsive, why})
	}
	return w
}

// list names so many, and counts the rest.
func list(names []string) string {
	const most = 3
	text := strings.Join(names[:min(most, len(names))], ", ")
	if more := len(names) - most; more > 0 {
		text += fmt.Sprintf(", and %d more", more)
	}
	return text
}
