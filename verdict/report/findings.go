package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/verdict"
)

// writeFindings prints what is behind each outcome that is not a plain pass.
func writeFindings(b *strings.Builder, d *Document, s Style) {
	start := b.Len()
	for _, f := range findings(d.Verdict) {
		hang(b, s, indent+f.names()+": ", reason(f.endpoints[0]), bold)
		for _, line := range f.details {
			hang(b, s, indent+gutter, line, "")
		}
	}
	if g := &d.Verdict.Background; g.Outcome == verdict.Leak || g.Outcome == verdict.Inconclusive {
		hang(b, s, indent+"background: ", g.Reason, bold)
	}
	if b.Len() > start {
		b.WriteString("\n")
	}
}

// finding is what is behind the outcome of an endpoint, or of several that are not
// decided for one reason.
type finding struct {
	endpoints []*verdict.Endpoint
	details   []string
}

func (f finding) names() string {
	names := make([]string, len(f.endpoints))
	for i, e := range f.endpoints {
		names[i] = e.Name
	}
	return unit.List(names)
}

// findings are in the order of the table. Where it is long, those that are not decided
// for one reason are one.
func findings(v *verdict.Verdict) []finding {
	var out []finding
	rows, passes := tableRows(v)
	for _, r := range append(rows, passes...) {
		lines := details(v, r.index, r.Endpoint)
		if plain(r.Endpoint, lines) {
			continue
		}
		alike := func(f finding) bool {
			first := f.endpoints[0]
			return r.Outcome == verdict.Inconclusive && first.Outcome == r.Outcome && first.Reason == r.Reason && len(f.details)+len(lines) == 0
		}
		if i := slices.IndexFunc(out, alike); i >= 0 && Many(v) {
			out[i].endpoints = append(out[i].endpoints, r.Endpoint)
			continue
		}
		out = append(out, finding{[]*verdict.Endpoint{r.Endpoint}, lines})
	}
	return out
}

// plain reports whether there is nothing to tell of an endpoint beside its row.
func plain(e *verdict.Endpoint, details []string) bool {
	return unmeasured(e) || e.Outcome == verdict.Pass && len(details) == 0
}

// reason is the one line that says why; an endpoint that passes is listed
// only for its resources.
func reason(e *verdict.Endpoint) string {
	if e.Reason == "" {
		return string(e.Outcome)
	}
	return e.Reason
}

// details lists the facts that help to act on an endpoint's outcome.
func details(v *verdict.Verdict, i int, e *verdict.Endpoint) []string {
	var lines []string
	if e.Outcome == verdict.Leak {
		lines = append(lines, leakDetails(v, e)...)
	}
	for _, r := range v.Resources {
		if r.Endpoint == i {
			lines = append(lines, fmt.Sprintf("leaves open %.2f %s per request (%s at the end)", r.PerRequest, r.Name, unit.Count(r.Last)))
		}
	}
	if e.Waived != nil {
		lines = append(lines, waiver(e.Waived))
	}
	return lines
}

func leakDetails(v *verdict.Verdict, e *verdict.Endpoint) []string {
	var lines []string
	if e.ByResizes > 0 { // which no one block's growth shows
		lines = append(lines, fmt.Sprintf("what grows: heap %s by resizes, as an array, Map or Set does that doubles", e.ByResizes))
	} else if m := moved(e.Metrics); m != "" {
		lines = append(lines, "what grows: "+m)
	}
	if e.UntilLimit > 0 && v.HeapRoom > 0 {
		lines = append(lines, fmt.Sprintf("at %s the %s left until the heap limit last %s", e.Rate, v.HeapRoom, span(e.UntilLimit)))
	}
	if e.UntilKill > 0 && v.LimitRoom > 0 {
		lines = append(lines, fmt.Sprintf("at %s the %s left until the container's limit last %s", e.Rate, v.LimitRoom, span(e.UntilKill)))
	}
	return lines
}

// moved says which part of the memory moved: "heap 16.1 B/request, external ~".
func moved(all []verdict.Metric) string {
	parts := make([]string, len(all))
	for i, m := range all {
		parts[i] = m.Name + " " + growth(m.Estimate)
	}
	return strings.Join(parts, ", ")
}

func waiver(w *verdict.Waiver) string {
	if w.Until.IsZero() {
		return w.Reason
	}
	until := w.Until.Format("2006-01-02")
	if w.Expired {
		return fmt.Sprintf("the waiver ended on %s: %s", until, w.Reason)
	}
	return fmt.Sprintf("waived until %s: %s", until, w.Reason)
}
