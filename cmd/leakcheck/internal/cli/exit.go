package cli

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

// The exit codes. A signal's is exitSignal plus its number: 130 for Ctrl-C,
// 143 for SIGTERM.
const (
	exitPass         = 0
	exitLeak         = 1
	exitUsage        = 2
	exitInconclusive = 3
	exitTarget       = 4
	exitLoad         = 5
	exitSignal       = 128
)

// bisectSkip is what git bisect run takes as "cannot be tested".
const bisectSkip = 125

// reported is an exit code whose reason has been printed already.
type reported int

func (r reported) Error() string { return fmt.Sprintf("exit code %d", int(r)) }

// failure is an error with its exit code and the hint that mends it.
type failure struct {
	code int
	err  error
	hint string
}

func (f *failure) Error() string { return f.err.Error() }

func (f *failure) Unwrap() error { return f.err }

// badUsage is an error in what the user gave. The hint may be empty.
func badUsage(hint, format string, args ...any) error {
	return &failure{exitUsage, fmt.Errorf(format, args...), hint}
}

// badMachine is an error of the machine that leakcheck runs on.
func badMachine(hint, format string, args ...any) error {
	return &failure{exitTarget, fmt.Errorf(format, args...), hint}
}

// codeOf is the one place that turns errors into exit codes.
func codeOf(err error) int {
	if err == nil {
		return exitPass
	}
	if code, ok := errors.AsType[reported](err); ok {
		return int(code)
	}
	if f, ok := errors.AsType[*failure](err); ok {
		return f.code
	}
	if _, ok := errors.AsType[scenarios.Problems](err); ok {
		return exitUsage
	}
	if h, ok := errors.AsType[*harness.Error](err); ok && h.Kind == harness.LoadFailed {
		return exitLoad
	}
	return exitTarget
}

// printError prints the error, then its evidence, then the hint, each apart.
func printError(w io.Writer, err error) {
	if _, ok := errors.AsType[reported](err); ok || err == nil {
		return
	}
	if problems, ok := errors.AsType[scenarios.Problems](err); ok {
		fmt.Fprintln(w, problems)
		return
	}
	fmt.Fprintln(w, "error:", printable.Text(err.Error()))
	hint, detail := advice(err)
	for line := range strings.Lines(detail) {
		fmt.Fprintln(w, "  |", printable.Text(strings.TrimRight(line, "\r\n")))
	}
	if hint != "" {
		fmt.Fprintln(w, "hint:", hint)
	}
}

func advice(err error) (hint, detail string) {
	if h, ok := errors.AsType[*harness.Error](err); ok {
		return h.Hint, h.Detail
	}
	if f, ok := errors.AsType[*failure](err); ok {
		return f.hint, ""
	}
	return "", ""
}

func signalCode(sig os.Signal) int {
	if n, ok := sig.(syscall.Signal); ok {
		return exitSignal + int(n)
	}
	return exitSignal
}
