// Package machinecmd has the commands for this machine and this binary: doctor,
// clean and version.
package machinecmd

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/settings"
)

// status is what one check of the doctor found.
type status string

// Only a failed check fails the doctor: the others say what will be less well
// measured, or is not known.
const (
	statusOK   status = "ok"
	statusNote status = "note"
	statusWarn status = "warn"
	statusFail status = "fail"
)

// finding is the result of one check.
type finding struct {
	Check  string `json:"check"`
	Status status `json:"status"`
	Detail string `json:"detail"`
	Mend   string `json:"mend,omitempty"` // how to mend it
}

// check looks at one thing that a run needs.
type check struct {
	name string
	run  func(context.Context, settings.Settings) finding
}

var checks = []check{
	{"node", checkNode},
	{"npm", checkNPM},
	{"memory figures", checkMemoryFigures},
	{"loopback ports", checkPorts},
	{"run folder", checkRunFolder},
	{"open files", checkOpenFiles},
	{"memory", checkMemory},
	{"cpus", checkCPUs},
	{"containers", checkEngine},
}

// NewDoctor is the command doctor.
func NewDoctor(io *command.Streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check this machine for missing prerequisites, and say how to fix them",
		Args:  command.WantArgs(cobra.NoArgs),
		RunE: settings.With(func(cmd *cobra.Command, s settings.Settings, _ []string) error {
			return doctor(cmd.Context(), io, s)
		}),
	}
	settings.AddFlags(cmd.Flags(), "runs-dir")
	settings.AddJSON(cmd.Flags(), "the findings")
	return cmd
}

func doctor(ctx context.Context, io *command.Streams, s settings.Settings) error {
	findings := make([]finding, len(checks))
	failed := false
	for i, c := range checks {
		findings[i] = c.run(ctx, s)
		findings[i].Check = c.name
		failed = failed || findings[i].Status == statusFail
	}
	if err := printFindings(io.Out, findings, s); err != nil {
		return command.BadMachine("", "print findings: %w", err)
	}
	if failed {
		return command.Reported(command.ExitTarget)
	}
	return nil
}

func printFindings(w io.Writer, findings []finding, s settings.Settings) error {
	if s.JSON {
		return command.PrintJSON(w, findings)
	}
	for _, f := range findings {
		if _, err := fmt.Fprintf(w, "%-4s  %-14s  %s\n", f.Status, f.Check, f.Detail); err != nil {
			return err
		}
		if f.Mend == "" {
			continue
		}
		if _, err := fmt.Fprintf(w, "%-4s  %-14s  fix: %s\n", "", "", f.Mend); err != nil {
			return err
		}
	}
	return nil
}

func ok(format string, args ...any) finding {
	return finding{Status: statusOK, Detail: fmt.Sprintf(format, args...)}
}

func bad(s status, mend, format string, args ...any) finding {
	return finding{Status: s, Detail: fmt.Sprintf(format, args...), Mend: mend}
}
