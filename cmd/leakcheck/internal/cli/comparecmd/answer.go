package comparecmd

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/outfile"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/settings"
	"github.com/leakcheck/leakcheck/verdict/compare"
	"github.com/leakcheck/leakcheck/verdict/report"
)

// checkReports holds before anything is measured that each report has a form for
// comparisons.
func checkReports(all []settings.Report) error {
	for _, r := range all {
		if err := r.Format.CheckComparison(); err != nil {
			return command.BadUsage("", "--report: %w", err)
		}
	}
	return nil
}

// answer writes the reports and prints the comparison. The reports come first:
// standard output may be a terminal that is gone.
func answer(io *command.Streams, s settings.Settings, c report.Comparison) error {
	if err := writeReports(io.Out, s.Reports, c); err != nil {
		return command.BadMachine("", "%w", err)
	}
	if s.JSON {
		return report.ComparisonJSON(io.Out, c)
	}
	return report.ComparisonText(io.Out, c, compare.TextOptions{Color: s.UseColor(io.OutTTY), All: s.All})
}

// writeReports writes all of them, whatever becomes of one.
func writeReports(out io.Writer, all []settings.Report, c report.Comparison) error {
	var errs []error
	for _, r := range all {
		err := os.MkdirAll(filepath.Dir(r.Path), 0o755)
		if err == nil {
			err = outfile.Write(r.Path, out, func(w io.Writer) error { return r.Format.WriteComparison(w, c) })
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// comparisonCode is the exit code of a comparison.
func comparisonCode(c *compare.Comparison, s settings.Settings) int {
	switch c.Outcome {
	case compare.Regressed:
		return command.ExitLeak
	case compare.Inconclusive:
		return s.Inconclusive
	}
	return command.ExitPass
}

// again is the command that measures what matters of a comparison once more.
func (o *compareOptions) again(c *compare.Comparison) string {
	if !o.run {
		return ""
	}
	words := []string{"leakcheck", "compare", o.base, o.head, o.scenario, "--run"}
	names := c.Of(compare.Regressed)
	if len(names) == 0 {
		names = c.Of(compare.Inconclusive)
	}
	for _, e := range names {
		words = append(words, "--endpoint", report.ShellWord(e.Name))
	}
	return strings.Join(words, " ")
}

// scenarioFile is the scenario's name where it is one below the working directory.
func (o *compareOptions) scenarioFile() string {
	if !filepath.IsLocal(o.scenario) {
		return ""
	}
	return filepath.ToSlash(filepath.Clean(o.scenario))
}
