package runcmd

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/outfile"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/settings"
	"github.com/leakcheck/leakcheck/verdict/report"
)

// writeReports writes all of them, whatever becomes of one.
func writeReports(out io.Writer, files []settings.Report, s report.Suite) error {
	var errs []error
	for _, f := range files {
		errs = append(errs, writeReport(out, f, s))
	}
	if err := errors.Join(errs...); err != nil {
		return command.BadMachine("", "%w", err)
	}
	return nil
}

func writeReport(out io.Writer, f settings.Report, s report.Suite) error {
	if err := os.MkdirAll(filepath.Dir(f.Path), 0o755); err != nil {
		return err
	}
	return outfile.Write(f.Path, out, func(w io.Writer) error { return f.Format.Write(w, s) })
}
