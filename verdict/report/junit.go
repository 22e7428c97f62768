package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/verdict"
)

// JUnit writes a test suite for each run, with a test case for the run itself
// and for each endpoint's budget, metrics and open resources. A leak is a
// failure; what could not be measured or decided is an error, and skipped
// where the run was told to let it pass.
func JUnit(w io.Writer, s Suite) error {
	var all []junitSuite
	for i := range s.Runs {
		all = append(all, junitRun(&s.Runs[i], i))
	}
	if len(s.Problems) > 0 {
		all = append(all, junitProblems(s.Problems, len(s.Runs)))
	}
	return writeJUnit(w, all)
}

func writeJUnit(w io.Writer, all []junitSuite) error {
	out := junitSuites{Name: "leakcheck"}
	for _, s := range all {
		out.add(s)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(out); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	ID         int              `xml:"id,attr"`
	Name       string           `xml:"name,attr"`
	Package    string           `xml:"package,attr"`
	Hostname   string           `xml:"hostname,attr"`
	Timestamp  string           `xml:"timestamp,attr,omitempty"`
	Tests      int              `xml:"tests,attr"`
	Failures   int              `xml:"failures,attr"`
	Errors     int              `xml:"errors,attr"`
	Skipped    int              `xml:"skipped,attr"`
	Time       string           `xml:"time,attr"`
	Properties *junitProperties `xml:"properties"`
	Cases      []junitCase      `xml:"testcase"`
}

type junitProperties struct {
	List []junitProperty `xml:"property"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Name    string      `xml:"name,attr"`
	Class   string      `xml:"classname,attr"`
	Time    string      `xml:"time,attr"`
	Skipped string      `xml:"skipped,omitempty"`
	Error   *junitFault `xml:"error"`
	Failure *junitFault `xml:"failure"`
	Out     string      `xml:"system-out,omitempty"`
}

type junitFault struct {
	Type    string `xml:"type,attr"`
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

func (s *junitSuites) add(suite junitSuite) {
	for _, c := range suite.Cases {
		suite.Tests++
		switch {
		case c.Failure != nil:
			suite.Failures++
		case c.Error != nil:
			suite.Errors++
		case c.Skipped != "":
			suite.Skipped++
		}
	}
	s.Tests += suite.Tests
	s.Failures += suite.Failures
	s.Errors += suite.Errors
	s.Suites = append(s.Suites, suite)
}

func junitProblems(problems []string, id int) junitSuite {
	out := junitSuite{ID: id, Name: "suite", Package: "leakcheck", Hostname: "localhost", Time: "0"}
	for _, p := range problems {
		out.Cases = append(out.Cases, junitCase{
			Name: "complete", Class: "leakcheck.suite", Time: "0",
			Error: &junitFault{Type: "missing", Message: p, Text: p},
		})
	}
	return out
}

func junitRun(d *Document, id int) junitSuite {
	out := junitSuite{ID: id, Name: d.name(), Package: "leakcheck", Hostname: "localhost", Time: "0"}
	if rec := d.Recording; rec != nil {
		out.Timestamp = rec.Header.StartedAt.UTC().Format("2006-01-02T15:04:05")
		out.Properties = newJUnitProperties(&rec.Header)
		if rec.End != nil {
			out.Time = junitSeconds(rec.End.At.Seconds())
		}
	}
	out.Cases = append(out.Cases, junitWhole(d))
	if d.Verdict == nil {
		return out
	}
	for i, e := range d.Verdict.All() {
		out.Cases = append(out.Cases, junitEndpoint(d, i, e)...)
	}
	if g := &d.Verdict.Background; g.Outcome != verdict.NotJudged && g.Outcome != "" {
		c := junitCase{Name: "growth by the clock", Class: junitClass(d, "background"), Time: "0"}
		c.judge(d, g.Outcome, g.Reason)
		out.Cases = append(out.Cases, c)
	}
	return out
}

func newJUnitProperties(h *recording.Header) *junitProperties {
	list := []junitProperty{
		{"run", h.RunID},
		{"tool", h.Tool},
		{"node", h.Environment.Node},
		{"commit", h.Environment.GitCommit},
		{"seed", strconv.FormatUint(h.Seed, 10)},
	}
	if of := h.Scenario.Endpoints; of > 0 {
		list = append(list, junitProperty{"selection", fmt.Sprintf("%d of %d endpoints", len(h.Endpoints), of)})
	}
	return &junitProperties{list}
}

// junitWhole is the case of the run as a whole: it went to its end.
func junitWhole(d *Document) junitCase {
	c := junitCase{Name: "run to its end", Class: junitClass(d, "run"), Time: "0"}
	if f := d.Failure; f != nil {
		c.Error = &junitFault{Type: string(Failed), Message: f.Message, Text: strings.TrimSpace(f.Hint + "\n" + f.Detail)}
	}
	return c
}

func junitEndpoint(d *Document, i int, e *verdict.Endpoint) []junitCase {
	class := junitClass(d, e.Name)
	budget := junitCase{
		Name: "retained memory within " + e.Budget.String(), Class: class, Time: junitSeconds(loaded(d, i)),
		Out: "growth per request: " + Estimate(e.Retained) + "\nMB/h: " + hourly(e.PerHour) + "\nmin. detectable: " + limit(e.MinDetectable) + " MB/h",
	}
	if e.Waived != nil && !e.Waived.Expired && e.Outcome == verdict.Leak {
		budget.Skipped = waiver(e.Waived)
	} else {
		suspects := d.suspects(e.Name)
		lines := details(d.Verdict, i, e)
		for _, s := range suspects {
			lines = append(lines, "suspect: "+s.line())
		}
		budget.judge(d, e.Outcome, atSuspect(reason(e), suspects), lines...)
	}
	cases := []junitCase{budget}
	for _, m := range e.Metrics {
		c := junitCase{Name: m.Name, Class: class, Time: "0", Out: Estimate(m.Estimate)}
		if m.Outcome == verdict.NotJudged {
			c.Skipped = "judged together, as retained memory"
		} else {
			c.judge(d, m.Outcome, Estimate(m.Estimate))
		}
		cases = append(cases, c)
	}
	for _, r := range d.Verdict.Resources {
		if r.Endpoint == i {
			c := junitCase{Name: r.Name + " left open", Class: class, Time: "0"}
			c.judge(d, verdict.Leak, fmt.Sprintf("%.2f for each request, %s at the end", r.PerRequest, unit.Count(r.Last)))
			cases = append(cases, c)
		}
	}
	return cases
}

// atSuspect is a reason with the line of the first suspect that has one.
func atSuspect(reason string, all []suspect) string {
	for _, s := range all {
		if s.place.line > 0 {
			return fmt.Sprintf("%s, at %s:%d", reason, s.place.file, s.place.line)
		}
	}
	return reason
}

// judge turns an outcome into JUnit's.
func (c *junitCase) judge(d *Document, o verdict.Outcome, why string, more ...string) {
	fault := &junitFault{Type: string(o), Message: why, Text: strings.Join(append([]string{why}, more...), "\n")}
	switch {
	case o == verdict.NotJudged:
		c.Skipped = why
	case o == verdict.Leak:
		c.Failure = fault
	case o == verdict.Inconclusive && d.Outcome == verdict.Inconclusive && d.ExitCode == 0:
		c.Skipped = "inconclusive: " + why
	case o == verdict.Inconclusive:
		c.Error = fault
	}
}

// junitClass groups by scenario, then by endpoint: dots part the levels.
func junitClass(d *Document, endpoint string) string {
	return "leakcheck." + junitPlain.Replace(d.name()) + "." + junitPlain.Replace(endpoint)
}

var junitPlain = strings.NewReplacer(".", "_")

// loaded is how many seconds an endpoint was measured under load.
func loaded(d *Document, endpoint int) float64 {
	sum := 0.0
	for _, o := range d.blocks(endpoint) {
		sum += o.Block.Elapsed.Seconds()
	}
	return sum
}

func junitSeconds(s float64) string { return strconv.FormatFloat(s, 'f', 3, 64) }
