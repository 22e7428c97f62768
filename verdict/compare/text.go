package compare

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// noDifference stands where none is shown.
const noDifference = "~"

// TextOptions are how text is shown.
type TextOptions struct {
	Color bool
	All   bool // every endpoint has a row, also of many that did not change
}

// Text prints a comparison for people, in the manner of benchstat.
func Text(w io.Writer, c *Comparison, o TextOptions) error {
	var b strings.Builder
	fmt.Fprintf(&b, "  %s: base %s, head %s\n\n", c.Scenario, c.Base.Describe(), c.Head.Describe())
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "  endpoint\tbase\thead\tdelta\tB/request\tMB/h\tp\toutcome")
	for _, row := range c.Rows(o.All) {
		fmt.Fprintln(t, "  "+strings.Join(row, "\t"))
	}
	_ = t.Flush() // a builder takes everything
	b.WriteString("\n")
	for _, line := range c.reasons().Lines() {
		b.WriteString("  " + line + "\n")
	}
	for i, warning := range c.Warnings {
		fmt.Fprintf(&b, "  %d %s (%s)\n", i+1, warning.Message, warning.Code)
	}
	fmt.Fprintf(&b, "  [ ] %g %% confidence for all endpoints together · ~ no difference shown\n\n", c.Confidence*100)
	b.WriteString(paint(c.Conclusion(), c.Outcome, o.Color) + "\n")
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write comparison: %w", err)
	}
	return nil
}

// Describe is "main (3f2a1bc0, 2 runs)".
func (s *Side) Describe() string {
	runs := strconv.Itoa(len(s.Runs)) + " runs"
	if len(s.Runs) == 1 {
		runs = "1 run"
	}
	if commit := s.Runs[0].ShortCommit(); commit != "-" && !strings.HasPrefix(s.Name, commit) {
		return fmt.Sprintf("%s (%s, %s)", s.Name, commit, runs)
	}
	return fmt.Sprintf("%s (%s)", s.Name, runs)
}

func (e *Endpoint) row() []string {
	if !e.Measured {
		return []string{e.Name, "?", "?", "?", "", "?", "", string(e.Outcome)}
	}
	delta, hourly := noDifference, noDifference
	if e.Shown() {
		delta, hourly = signed(float64(e.Delta.Value)), signed(float64(e.PerHour.Value))
	}
	return []string{
		e.Name, number(float64(e.Base)), number(float64(e.Head)), delta,
		fmt.Sprintf("[%s, %s]", signed(float64(e.Delta.Low)), signed(float64(e.Delta.High))),
		hourly, strconv.FormatFloat(e.P, 'f', 3, 64), string(e.Outcome),
	}
}

// Conclusion is the answer in one line.
func (c *Comparison) Conclusion() string {
	var worse []string
	within := true
	for _, e := range c.Endpoints {
		if e.Outcome == Regressed {
			worse = append(worse, e.Name)
			within = within && e.Head.AtRate(rateOf(c, e.Name)) <= e.Budget
		}
	}
	switch {
	case len(worse) > 0 && within:
		return "Regressed: " + strings.Join(worse, ", ") + " (within budget)"
	case len(worse) > 0:
		return "Regressed: " + strings.Join(worse, ", ")
	case c.Outcome == Inconclusive:
		return "Inconclusive: a regression is neither shown nor excluded"
	}
	return "No regression" + c.leftOut()
}

// leftOut says how many endpoints the answer is not about.
func (c *Comparison) leftOut() string {
	n := 0
	for _, e := range c.Endpoints {
		if e.Outcome == NotCompared {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" in %d of %d endpoints", len(c.Endpoints)-n, len(c.Endpoints))
}

func rateOf(c *Comparison, name string) unit.PerSecond {
	return headEndpoint(c.Base, c.Head, name).Rate
}

const (
	red    = "\x1b[31m"
	green  = "\x1b[32m"
	yellow = "\x1b[33m"
	reset  = "\x1b[0m"
)

func paint(text string, o Outcome, color bool) string {
	if !color {
		return text
	}
	code := map[Outcome]string{Regressed: red, Inconclusive: yellow}[o]
	if code == "" {
		code = green
	}
	return code + text + reset
}

// number prints v to one digit after the point, and none from 100 on.
func number(v float64) string {
	places := 1
	if math.Abs(v) >= 100 {
		places = 0
	}
	return strconv.FormatFloat(v, 'f', places, 64)
}

func signed(v float64) string {
	if text := number(v); strings.HasPrefix(text, "-") {
		return text
	}
	return "+" + number(v)
}
