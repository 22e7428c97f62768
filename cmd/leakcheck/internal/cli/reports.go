package cli

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/outfile"
	"github.com/leakcheck/leakcheck/verdict/report"
)

// reportFile is a report that was asked for, and where it goes.
type reportFile struct {
	format report.Format
	path   string
}

// parseReports reads "junit=leakcheck.xml".
func parseReports(texts []string, from string) ([]reportFile, error) {
	var out []reportFile
	for _, text := range texts {
		name, path, ok := strings.Cut(text, "=")
		if !ok || path == "" {
			return nil, badUsage("such as junit=leakcheck.xml", "%s: %q is not FORMAT=FILE", from, text)
		}
		f, err := report.FindFormat(name)
		if err != nil {
			return nil, badUsage("", "%s: %w", from, err)
		}
		out = append(out, reportFile{f, path})
	}
	return out, nil
}

// writeReports writes all of them, whatever becomes of one.
func writeReports(out io.Writer, files []reportFile, s report.Suite) error {
	var errs []error
	for _, f := range files {
		errs = append(errs, writeReport(out, f, s))
	}
	if err := errors.Join(errs...); err != nil {
		return badMachine("", "%w", err)
	}
	return nil
}

func writeReport(out io.Writer, f reportFile, s report.Suite) error {
	if err := os.MkdirAll(filepath.Dir(f.path), 0o755); err != nil {
		return err
	}
	return outfile.Write(f.path, out, func(w io.Writer) error { return f.format.Write(w, s) })
}
