package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/verdict"
)

// writeRun prints what the numbers rest on: how much was measured, how, and
// what the signs in the table mean.
func writeRun(b *strings.Builder, d *Document, s Style) {
	hang(b, s, "", strings.Join(runFacts(d), " · "), "")
	hang(b, s, "", legend(d), "")
	writeEvents(b, d, s)
	b.WriteString("\n")
}

// runFacts lists what the numbers rest on.
func runFacts(d *Document) []string {
	h := &d.Recording.Header
	facts := []string{
		unit.Plural(d.Verdict.Rounds, "round"),
		fmt.Sprintf("%s at %s/s", unit.Plural(d.requests(), "request"), unit.Count(int(d.achieved(all)))),
	}
	if e := d.Recording.End; e != nil {
		facts = append(facts,
			"measured "+span(e.MeasureTime)+fmt.Sprintf(" (%.0f %% under load)", 100*e.LoadShare),
			"warm-up "+span(e.WarmUpTime))
	}
	return append(facts, "node "+h.Environment.Node, fmt.Sprintf("seed %d", h.Seed))
}

func all(int) bool { return true }

func legend(d *Document) string {
	return fmt.Sprintf("[ ] %.4g %% confidence for the whole run · ~ no growth shown · MB/h at the production rates"+
		" · min. detectable: the smallest leak that this run would have called, in MB/h", 100*d.Verdict.Confidence)
}

func writeEvents(b *strings.Builder, d *Document, s Style) {
	for _, e := range events(d.Recording) {
		hang(b, s, e.when+": ", e.message, yellow)
	}
}

// writeConclusion prints the outcome and what to do next. Its first line is
// the last word of the report.
func writeConclusion(b *strings.Builder, d *Document, s Style) {
	title := capital(string(d.Outcome)) + ": "
	hang(b, s, title, conclude(d), bold+outcomeCode(d.Outcome))
	if at := d.lookAt(); at != "" {
		hang(b, s, "Look at:           ", at, "")
	}
	if d.Dir != "" {
		b.WriteString("Recording and log: " + d.Dir + "\n")
	}
	if d.Source != "" && d.Outcome != verdict.Pass && d.Verdict != nil {
		b.WriteString("Judge again:       leakcheck judge " + ShellWord(d.Source) + example(d.Verdict) + "\n")
	}
}

// lookAt is the place in the code to begin with: the first suspect of the first
// leak that has one, "" when there is none.
func (d *Document) lookAt() string {
	if d.Verdict == nil || d.Outcome != verdict.Leak {
		return ""
	}
	for _, e := range d.Verdict.All() {
		if at := FirstSuspect(d, e.Name); e.Outcome == verdict.Leak && at != "" {
			return at + " (" + e.Name + ")"
		}
	}
	return ""
}

// FirstSuspect is where an endpoint's likeliest suspect is: "server.js:17 in
// openCart"; "" when there is none.
func FirstSuspect(d *Document, endpoint string) string {
	if all := d.suspects(endpoint); len(all) > 0 {
		return all[0].Where
	}
	return ""
}

// conclude is the outcome in one sentence.
func conclude(d *Document) string {
	switch {
	case d.Failure != nil && d.Outcome != verdict.Leak:
		return d.Failure.Message
	case d.Verdict == nil:
		return "nothing was measured"
	}
	switch d.Outcome {
	case verdict.Leak:
		return concludeLeak(d.Verdict)
	case verdict.Pass:
		return concludePass(d.Verdict) + leftOut(d)
	}
	return concludeInconclusive(d)
}

func concludeLeak(v *verdict.Verdict) string {
	var names []string
	several := 0
	for i, e := range v.All() {
		switch {
		case e.Outcome != verdict.Leak || e.Waived != nil && !e.Waived.Expired:
		case i == recording.Mixed:
			names = append(names, e.Request+" together")
			several = 1
		default:
			names = append(names, e.Name)
		}
	}
	if v.Background.Outcome == verdict.Leak {
		names = append(names, "the background")
	}
	return unit.List(names) + pick(len(names)+several, " grows", " grow") + " by more than the budget allows"
}

func concludePass(v *verdict.Verdict) string {
	n := 0
	for i := range v.Endpoints {
		if v.Endpoints[i].Outcome == verdict.Leak {
			n++
		}
	}
	text := "every endpoint is within its budget"
	if n > 0 {
		text = fmt.Sprintf("every endpoint is within its budget or waived (%d)", n)
	}
	return text
}

// leftOut says what the run says nothing of, "" when it measured the whole scenario.
func leftOut(d *Document) string {
	if d.Recording == nil || d.Recording.Header.Scenario.Endpoints == 0 {
		return ""
	}
	n := d.Recording.Header.Scenario.Endpoints - len(d.Recording.Header.Endpoints)
	return "; " + unit.Plural(n, "other endpoint") + pick(n, " was", " were") + " not measured"
}

func concludeInconclusive(d *Document) string {
	var names []string
	needed := d.Verdict.Background.Needed
	for i, e := range d.Verdict.All() {
		if e.Outcome == verdict.Inconclusive {
			name := e.Name
			if i == recording.Mixed {
				name = "what they retain together"
			}
			names = append(names, name)
			needed = max(needed, e.Needed)
		}
	}
	if d.Verdict.Background.Outcome == verdict.Inconclusive {
		names = append(names, "the background")
	}
	if len(names) == 0 {
		return "the run ended before it could be judged as a whole"
	}
	text := unit.List(names) + pick(len(names), " is", " are") + " not decided"
	switch {
	case needed >= verdict.MostNeeded:
		text += "; more time alone will not settle it"
	case needed > 0:
		text += fmt.Sprintf("; about %s more would settle it (--max-duration)", span(needed))
	}
	return text
}

// example is a budget to try, as a flag: the next whole MB/h above what the
// endpoint that matters may grow by: a leaking one before one that is not decided.
// It is empty when no budget would change the verdict (descriptors left open, say).
func example(v *verdict.Verdict) string {
	rows := slices.Clone(v.Endpoints)
	slices.SortStableFunc(rows, func(a, b verdict.Endpoint) int {
		return slices.Index(worse, b.Outcome) - slices.Index(worse, a.Outcome)
	})
	for i := range rows {
		e := &rows[i]
		over := e.Outcome == verdict.Inconclusive || e.Outcome == verdict.Leak && e.PerHour.Low > e.Budget
		if over && isFinite(float64(e.PerHour.High)) {
			return " --budget " + ShellWord(fmt.Sprintf("%s=%.0fMB/h", e.Name, math.Ceil(max(1, float64(e.PerHour.High)))))
		}
	}
	return ""
}

// ShellWord makes one shell word of text.
func ShellWord(text string) string {
	if !strings.ContainsAny(text, " \t\n'\"\\$`!*?[](){}<>|&;#~") {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

func pick(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func capital(text string) string {
	if text == "" {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
