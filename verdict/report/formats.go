package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/leakcheck/leakcheck/sampler/recording/printable"
)

// Format is a form that a report is written in.
type Format struct {
	Name  string
	About string // one line, for help
	write func(io.Writer, Suite) error
	// comparison writes one, nil where the format has no form for it.
	comparison func(io.Writer, Comparison) error
}

// Formats are all of them, in the order in which help lists them.
var Formats = []Format{
	{"text", "the verdict as run prints it", plainText, comparisonText},
	{"json", "one document, described by leakcheck schema verdict", SuiteJSON, ComparisonJSON},
	{"html", "one self-contained page with charts", HTML, nil},
	{"markdown", "a GitHub step summary", Markdown, comparisonMarkdown},
	{"comment", "a pull-request comment, with a marker to find it again", Comment, comparisonComment},
	{"junit", "JUnit XML, a test case for each endpoint and metric", JUnit, comparisonJUnit},
	{"sarif", "SARIF 2.1.0, for code scanning", SARIF, comparisonSARIF},
	{"gitlab", "a code quality report for GitLab", Gitlab, comparisonGitlab},
	{annotations, "GitHub workflow commands, at most 10", Annotations, comparisonAnnotations},
	{"prometheus", "Prometheus text, for a textfile collector or push gateway", Prometheus, nil},
	{"openmetrics", "OpenMetrics text", OpenMetrics, nil},
}

// annotations is the one format that is made of commands.
const annotations = "annotations"

// FindFormat finds a format by its name; "md" is Markdown's short one.
func FindFormat(name string) (Format, error) {
	if name == "md" {
		name = "markdown"
	}
	names := make([]string, len(Formats))
	for i, f := range Formats {
		if f.Name == name {
			return f, nil
		}
		names[i] = f.Name
	}
	return Format{}, fmt.Errorf("unknown format %q: want one of %s", name, strings.Join(names, ", "))
}

// Write writes s in this format. Whatever w is, only annotations are commands of
// the CI system that reads them.
func (f Format) Write(w io.Writer, s Suite) error {
	printable.Strings(&s)
	to, ok := w.(*printable.Writer)
	if !ok {
		to = printable.NewWriter(w)
	}
	if w = to; f.Name == annotations {
		w = to.Commands()
	}
	if err := f.write(w, s); err != nil {
		return fmt.Errorf("write %s report: %w", f.Name, err)
	}
	return nil
}

func plainText(w io.Writer, s Suite) error { return SuiteText(w, s, Style{}) }
