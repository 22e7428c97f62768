package cli

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/outfile"
	"github.com/leakcheck/leakcheck/verdict/report"
)

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
