// Package progress shows a run while it goes on: redrawn on a terminal, and one line
// for each step elsewhere.
package progress

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/harness"
	"github.com/leakcheck/leakcheck/verdict"
	"github.com/leakcheck/leakcheck/verdict/report"
)

// View shows a run in progress on standard error.
type View interface {
	Progress(harness.Progress)
	Judged(*verdict.Verdict) // the running estimate, after a round
	Found(*verdict.Verdict)  // the verdict, before its leaks are looked into
	Close()                  // leaves the terminal as it was; may be called twice, from anywhere
}

// New redraws on a terminal and prints a line for each step elsewhere.
func New(io *command.Streams, quiet bool) View {
	switch {
	case quiet:
		return noView{}
	case io.ErrTTY:
		return newLiveView(io.Screen, io.Size)
	}
	return &plainView{w: io.Err}
}

// noView is for --quiet.
type noView struct{}

func (noView) Progress(harness.Progress) {}

func (noView) Judged(*verdict.Verdict) {}

func (noView) Found(*verdict.Verdict) {}

func (noView) Close() {}

// titles name the stages for people.
var titles = map[harness.Stage]string{
	harness.Launching:  "starting the target",
	harness.WarmingUp:  "warming up",
	harness.Measuring:  "measuring",
	harness.Diagnosing: "diagnosing the leak",
	harness.Stopping:   "stopping",
}

// roundText is "round 3 of 6"; beyond the planned rounds, "round 7".
func roundText(p harness.Progress) string {
	if p.Round > p.Rounds {
		return fmt.Sprintf("round %d", p.Round)
	}
	return fmt.Sprintf("round %d of %d", p.Round, p.Rounds)
}

// facts lists what is known of the heap, the rate and the time left.
func facts(p harness.Progress) string {
	var parts []string
	if p.Heap > 0 {
		parts = append(parts, "heap "+p.Heap.String())
	}
	if p.Rate > 0 {
		parts = append(parts, fmt.Sprintf("%.0f requests/s", float64(p.Rate)))
	}
	if p.Left >= time.Second {
		parts = append(parts, fmt.Sprintf("%.0f s left", p.Left.Seconds()))
	}
	return strings.Join(parts, ", ")
}

// estimates is one line for each endpoint that can be estimated by now:
// "upload  16.2 [12.1, 19.8] B/request". Where the passes are many they are counted in
// the first line, and no more than most of the others follow.
func estimates(v *verdict.Verdict, most int) []string {
	rows, passes := report.Ranked(v)
	var lines []string
	if len(passes) > 0 {
		lines = append(lines, fmt.Sprintf("%d of %d endpoints pass by now", len(passes), len(v.Endpoints)))
	}
	rows = slices.DeleteFunc(rows, func(e *verdict.Endpoint) bool { return e == v.Interaction || e.Retained == (verdict.Estimate{}) })
	many := report.Many(v) && len(rows) > most
	shown := rows
	if many {
		shown = rows[:most]
	}
	width := 0
	for _, e := range shown {
		width = max(width, len(e.Name))
	}
	for _, e := range shown {
		lines = append(lines, fmt.Sprintf("%-*s  %s", width, e.Name, report.Estimate(e.Retained)))
	}
	if many {
		lines = append(lines, fmt.Sprintf("and %d more that do not pass yet", len(rows)-most))
	}
	return lines
}

// findings is one line for each endpoint (many passes share one), and for what they retain together: "leak: cart, each request leaves 301 B
// behind (54.3 MB/h, budget 5 MB/h)".
func findings(v *verdict.Verdict) []string {
	var lines []string
	rows, passes := report.Ranked(v)
	for _, e := range rows {
		line := fmt.Sprintf("%s: %s", e.Outcome, e.Name)
		if e.Waived != nil && !e.Waived.Expired {
			line = fmt.Sprintf("%s (waived): %s", e.Outcome, e.Name)
		}
		if e.Reason != "" {
			line += ", " + e.Reason
		}
		if e.PerHour.Low > 0 {
			line += fmt.Sprintf(" (%s, budget %s)", e.PerHour.Value, e.Budget)
		}
		lines = append(lines, line)
	}
	if len(passes) > 0 {
		lines = append(lines, fmt.Sprintf("%s: %d endpoints", verdict.Pass, len(passes)))
	}
	if g := &v.Background; g.Outcome == verdict.Leak {
		lines = append(lines, fmt.Sprintf("%s: background, %s", g.Outcome, g.Reason))
	}
	return lines
}
