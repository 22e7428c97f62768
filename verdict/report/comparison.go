package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/leakcheck/leakcheck/sampler/recording/printable"
	"github.com/leakcheck/leakcheck/verdict/compare"
)

// Comparison is what the reports of compare and bisect are made of.
type Comparison struct {
	*compare.Comparison
	ExitCode int
	// Scenario is its file, from the root of the repository; "" when not known.
	ScenarioFile string
	// Looked are the runs of head that were looked into.
	Looked []*Document
	// Found is what bisect found, in one line; "" of compare.
	Found string
	// Again is the command that measures it once more; "" when nothing was measured.
	Again string
}

// WriteComparison writes a comparison in this format.
func (f Format) WriteComparison(w io.Writer, c Comparison) error {
	if err := f.CheckComparison(); err != nil {
		return err
	}
	printable.Strings(&c)
	to := printable.NewWriter(w)
	if w = to; f.Name == annotations {
		w = to.Commands()
	}
	if err := f.comparison(w, c); err != nil {
		return fmt.Errorf("write %s report: %w", f.Name, err)
	}
	return nil
}

// CheckComparison holds that a comparison can be written in this format.
func (f Format) CheckComparison() error {
	if f.comparison != nil {
		return nil
	}
	var names []string
	for _, o := range Formats {
		if o.comparison != nil {
			names = append(names, o.Name)
		}
	}
	return fmt.Errorf("a comparison has no %s report: want one of %s", f.Name, strings.Join(names, ", "))
}

// comparisonJSON adds to the comparison what was found in head's code.
type comparisonJSON struct {
	*compare.Comparison
	ExitCode int                      `json:"exit_code"`
	Suspects map[string][]suspectJSON `json:"suspects"` // by endpoint
}

// ComparisonJSON writes one document.
func ComparisonJSON(w io.Writer, c Comparison) error {
	out := comparisonJSON{c.Comparison, c.ExitCode, map[string][]suspectJSON{}}
	for i := range c.worse() {
		name := c.worse()[i].Name
		out.Suspects[name] = []suspectJSON{}
		for _, d := range c.Looked {
			out.Suspects[name] = append(out.Suspects[name], suspectsJSON(d, name)...)
		}
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}

// worse are the endpoints that regressed.
func (c *Comparison) worse() []compare.Endpoint { return c.Of(compare.Regressed) }

// suspects are those of an endpoint in head's code.
func (c *Comparison) suspects(endpoint string) []suspect {
	var all []suspect
	for _, d := range c.Looked {
		if found := d.suspects(endpoint); len(found) > 0 {
			all = found // of the latest run
		}
	}
	return all
}

// findings are the endpoints that regressed, and those that are not decided.
func (c *Comparison) findings() []compare.Endpoint {
	return append(c.worse(), c.Of(compare.Inconclusive)...)
}

// explain is why, with both rates, and what head's code is suspected of.
func (c *Comparison) explain(e *compare.Endpoint) string {
	text := e.Name + ": " + e.Reason
	if e.Measured {
		text += fmt.Sprintf(" (base %.1f, head %.1f, change %+.1f [%+.1f, %+.1f] B/request)", float64(e.Base), float64(e.Head),
			float64(e.Delta.Value), float64(e.Delta.Low), float64(e.Delta.High))
	}
	for _, s := range c.suspects(e.Name) {
		text += "\nsuspect: " + s.line()
	}
	return text
}

// place is where to look: the first suspect's line, else the scenario.
func (c *Comparison) place(endpoint string) place {
	for _, s := range c.suspects(endpoint) {
		if s.place.file != "" {
			return s.place
		}
	}
	return place{file: c.ScenarioFile}
}

// comparisonText is the comparison as compare prints it.
func comparisonText(w io.Writer, c Comparison) error {
	return ComparisonText(w, c, compare.TextOptions{})
}

// ComparisonText prints the comparison, and what head's code is suspected of.
func ComparisonText(w io.Writer, c Comparison, o compare.TextOptions) error {
	if err := compare.Text(w, c.Comparison, o); err != nil {
		return err
	}
	var b strings.Builder
	for _, e := range c.worse() {
		for _, s := range c.suspects(e.Name) {
			fmt.Fprintf(&b, "  Suspect of %s: %s\n", e.Name, s.line())
		}
	}
	if c.Found != "" {
		b.WriteString(c.Found + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}
