package history

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/verdict"
)

// Tolerance is the change of a leak rate below which commits are not told
// apart: fresh processes of the same code differ by a few bytes per request.
const Tolerance = unit.BytesPerRequest(5)

const (
	// sparkWidth is the most runs that a sparkline shows.
	sparkWidth = 32
	// sparkRange fills a sparkline at least.
	sparkRange = 4 * Tolerance
	// listed is the most runs that are listed of a group.
	listed = 10
)

// TextOptions are how text is shown.
type TextOptions struct {
	Endpoint string // only this one, "" for all
	Color    bool
	All      bool // every endpoint has a row, also of many that pass
}

const (
	bold  = "\x1b[1m"
	reset = "\x1b[0m"
)

func (o TextOptions) bold(text string) string {
	if !o.Color {
		return text
	}
	return bold + text + reset
}

// Text prints groups of runs for people: an endpoint a line, the changes, and
// the last runs.
func Text(w io.Writer, groups []Group, o TextOptions) error {
	var b strings.Builder
	for i := range groups {
		if i > 0 {
			b.WriteString("\n")
		}
		groups[i].write(&b, o)
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write history: %w", err)
	}
	return nil
}

func (g *Group) write(b *strings.Builder, o TextOptions) {
	fmt.Fprintf(b, "%s  %d runs, %s\n\n", o.bold(g.Kind.Scenario), len(g.Runs), g.Kind)
	t := newTable(b)
	fmt.Fprintln(t, "  endpoint\tB/request\tfirst\tlast\tMB/h\tbudget\toutcome")
	var changes []string
	leftOut := Notes{}
	rows := g.rows(o)
	for _, r := range rows {
		for _, c := range r.changes {
			changes = append(changes, r.name+": "+c.String())
		}
		if r.leftOut != "" {
			leftOut.Add(r.name, r.leftOut)
		}
	}
	for _, cells := range foldRows(rows, o) {
		fmt.Fprintln(t, "  "+strings.Join(cells, "\t"))
	}
	flush(t)
	b.WriteString("\n")
	for _, c := range changes {
		b.WriteString("  " + o.bold(c) + "\n")
	}
	for _, line := range leftOut.Lines() {
		b.WriteString("  " + line + "\n")
	}
	if len(changes)+len(leftOut) > 0 {
		b.WriteString("\n")
	}
	g.writeRuns(b)
}

// String is the change in one line: "+39.8 B/request from 3f2a1bc0 on (0.4 to
// 40.2, p = 0.0005); last before: a1b2c3d4".
func (c Change) String() string {
	return fmt.Sprintf("%s B/request from %s on (%s to %s, p = %s); last before: %s",
		signed(float64(c.After-c.Before)), c.First.ShortCommit(), number(float64(c.Before)), number(float64(c.After)),
		strconv.FormatFloat(c.P, 'g', 2, 64), c.Last.ShortCommit())
}

func (g *Group) writeRuns(b *strings.Builder) {
	t := newTable(b)
	fmt.Fprintln(t, "  run\tcommit\tof\toutcome")
	for i := max(0, len(g.Runs)-listed); i < len(g.Runs); i++ {
		r := &g.Runs[i]
		fmt.Fprintf(t, "  %s\t%s\t%s\t%s\n", r.ID, r.ShortCommit(), r.at().Format("2006-01-02 15:04"), r.result())
	}
	flush(t)
	if more := len(g.Runs) - listed; more > 0 {
		fmt.Fprintf(b, "  and %d before\n", more)
	}
}

// result is the run's outcome, and of how much it is: "pass (2 of 100 endpoints, quick)".
func (r *Run) result() string {
	var of []string
	if r.Of > 0 {
		of = append(of, fmt.Sprintf("%d of %d endpoints", len(r.Endpoints), r.Of))
	}
	if r.Quick {
		of = append(of, "quick")
	}
	if len(of) == 0 {
		return string(r.Outcome)
	}
	return fmt.Sprintf("%s (%s)", r.Outcome, strings.Join(of, ", "))
}

// RunText prints one run for people.
func RunText(w io.Writer, r *Run, o TextOptions) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %s: %s (exit code %d)\n", o.bold(r.Scenario), r.ID, r.result(), r.ExitCode)
	fmt.Fprintf(&b, "  %s, commit %s, %s, leakcheck %s\n", r.StartedAt.Format("2006-01-02 15:04 MST"), r.ShortCommit(), r.Kind(), r.Tool)
	fmt.Fprintf(&b, "  scenario hash %s, seed %d, %d rounds\n\n", r.Hash, r.Seed, r.Rounds)
	t := newTable(&b)
	fmt.Fprintln(t, "  endpoint\toutcome\tB/request\tinterval\tMB/h\tbudget\tmin. detectable")
	for i := range r.Endpoints {
		e := &r.Endpoints[i]
		value, interval := unknown, ""
		if e.Measured() {
			value = number(float64(e.Retained.Value))
			interval = fmt.Sprintf("[%s, %s]", number(float64(e.Retained.Low)), number(float64(e.Retained.High)))
		}
		fmt.Fprintf(t, "  %s\t%s\t%s\t%s\t%s\t%s\t%s\n", e.Name, outcome(*e), value, interval,
			perHour(*e), number(float64(e.Budget)), number(float64(e.MinDetectable)))
	}
	flush(t)
	for i := range r.Endpoints {
		if e := &r.Endpoints[i]; e.Reason != "" {
			fmt.Fprintf(&b, "  %s: %s\n", e.Name, e.Reason)
		}
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write run: %w", err)
	}
	return nil
}

const (
	unknown = "?"
	none    = "~" // no growth shown
)

func outcome(e Endpoint) string {
	if e.Waived && e.Outcome == verdict.Leak {
		return "leak, waived"
	}
	return string(e.Outcome)
}

func perHour(e Endpoint) string {
	switch h := e.PerHour(); {
	case !e.Measured():
		return unknown
	case h.Low <= 0:
		return none
	default:
		return number(float64(h.Value))
	}
}

// number prints v to three digits, and no more than two after the point.
func number(v float64) string {
	switch abs := math.Abs(v); {
	case abs >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case abs >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', 2, 64)
}

func signed(v float64) string {
	if v < 0 {
		return number(v)
	}
	return "+" + number(v)
}

func newTable(b *strings.Builder) *tabwriter.Writer {
	return tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
}

// flush writes a table to its builder, which cannot fail.
func flush(t *tabwriter.Writer) { _ = t.Flush() }
