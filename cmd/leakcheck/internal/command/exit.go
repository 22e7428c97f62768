package command

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"

	"github.com/leakcheck/leakcheck/harness"
	"github.com/leakcheck/leakcheck/sampler/recording/printable"
	"github.com/leakcheck/leakcheck/scenarios"
)

// The exit codes. A signal's is ExitSignal plus its number: 130 for Ctrl-C,
// 143 for SIGTERM, 129 for SIGHUP.
const (
	ExitPass         = 0
	ExitLeak         = 1
	ExitUsage        = 2
	ExitInconclusive = 3
	ExitTarget       = 4
	ExitLoad         = 5
	ExitSignal       = 128
)

// BisectSkip is what git bisect run takes as "cannot be tested".
const BisectSkip = 125

// Reported is an exit code whose reason has been printed already.
type Reported int

func (r Reported) Error() string { return fmt.Sprintf("exit code %d", int(r)) }

// Failure is an error with its exit code and the hint that mends it.
type Failure struct {
	Code int
	Err  error
	Hint string
}

func (f *Failure) Error() string { return f.Err.Error() }

func (f *Failure) Unwrap() error { return f.Err }

// BadUsage is an error in what the user gave. The hint may be empty.
func BadUsage(hint, format string, args ...any) error {
	return &Failure{ExitUsage, fmt.Errorf(format, args...), hint}
}

// BadMachine is an error of the machine that leakcheck runs on.
func BadMachine(hint, format string, args ...any) error {
	return &Failure{ExitTarget, fmt.Errorf(format, args...), hint}
}

// CodeOf is the one place that turns errors into exit codes.
func CodeOf(err error) int {
	if err == nil {
		return ExitPass
	}
	if code, ok := errors.AsType[Reported](err); ok {
		return int(code)
	}
	if f, ok := errors.AsType[*Failure](err); ok {
		return f.Code
	}
	if _, ok := errors.AsType[scenarios.Problems](err); ok {
		return ExitUsage
	}
	if h, ok := errors.AsType[*harness.Error](err); ok && h.Kind == harness.LoadFailed {
		return ExitLoad
	}
	return ExitTarget
}

// PrintError prints the error, then its evidence, then the hint, each apart.
func PrintError(w io.Writer, err error) {
	if _, ok := errors.AsType[Reported](err); ok || err == nil {
		return
	}
	if problems, ok := errors.AsType[scenarios.Problems](err); ok {
		fmt.Fprintln(w, problems)
		return
	}
	fmt.Fprintln(w, "error:", printable.Text(err.Error()))
	hint, detail := Advice(err)
	for line := range strings.Lines(detail) {
		fmt.Fprintln(w, "  |", printable.Text(strings.TrimRight(line, "\r\n")))
	}
	if hint != "" {
		fmt.Fprintln(w, "hint:", hint)
	}
}

// Advice is an error's hint, and its evidence in lines.
func Advice(err error) (hint, detail string) {
	if h, ok := errors.AsType[*harness.Error](err); ok {
		return h.Hint, h.Detail
	}
	if f, ok := errors.AsType[*Failure](err); ok {
		return f.Hint, ""
	}
	return "", ""
}

// SignalCode is the exit code of a command that a signal ended.
func SignalCode(sig os.Signal) int {
	if n, ok := sig.(syscall.Signal); ok {
		return ExitSignal + int(n)
	}
	return ExitSignal
}
