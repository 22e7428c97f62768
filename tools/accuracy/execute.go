package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/leakcheck/leakcheck/tools/testenv"
)

const (
	// giveUpAfter bounds one run of leakcheck; its own max_duration is far below.
	giveUpAfter = 20 * time.Minute
	// stopWithin is how long leakcheck gets to stop its target when interrupted.
	stopWithin = 30 * time.Second
	// badUsage is leakcheck's exit code for a flag or scenario it rejects.
	badUsage = 2
)

func buildProgram(ctx context.Context, out string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-o", out, "github.com/leakcheck/leakcheck/cmd/leakcheck")
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build leakcheck: %w\n%s", err, said)
	}
	return nil
}

// run does one job. A run that leakcheck could not judge is a Result, and so is
// a crash of leakcheck; an error is a job that could not be done at all.
func (l *lab) run(ctx context.Context, j job) (Result, error) {
	dir, err := l.folder(j.key())
	if err != nil {
		return Result{}, err
	}
	if l.keep == "" {
		defer os.RemoveAll(dir)
	}
	scenario, err := j.Extract(dir)
	if err != nil {
		return Result{}, err
	}
	if j.Packages {
		if err := testenv.InstallPackages(ctx, dir); err != nil {
			return Result{}, err
		}
	}
	if j.container {
		if err := containScenario(scenario, l.images[j.node.major]); err != nil {
			return Result{}, err
		}
	}
	if j.mixed {
		if err := mixScenario(scenario); err != nil {
			return Result{}, err
		}
	}
	return l.execute(ctx, j, dir, scenario)
}

// folder is a new one, or the one to keep, emptied of an earlier try.
func (l *lab) folder(k key) (string, error) {
	if l.keep == "" {
		return os.MkdirTemp(l.dir, "run-")
	}
	dir, err := filepath.Abs(filepath.Join(l.keep, k.String()))
	if err != nil {
		return "", err
	}
	if err := os.RemoveAll(dir); err != nil {
		return "", err
	}
	return dir, os.MkdirAll(dir, 0o755)
}

// execute runs leakcheck with the settings that it has by default.
func (l *lab) execute(ctx context.Context, j job, dir, scenario string) (Result, error) {
	runCtx, cancel := context.WithTimeout(ctx, giveUpAfter)
	defer cancel()
	cmd := exec.CommandContext(runCtx, l.program, "run", "--json", "--seed", strconv.FormatUint(j.seed, 10), scenario)
	cmd.Dir, cmd.Env = dir, l.env(j)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = stopWithin
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	start := time.Now()
	runErr := cmd.Run()
	took := time.Since(start)
	if ctx.Err() != nil {
		return Result{}, ctx.Err()
	}
	d, err := parseDocument(stdout.Bytes())
	if err != nil {
		err = errors.Join(err, runErr, errors.New(tail(stderr.String())))
		if cmd.ProcessState != nil && cmd.ProcessState.ExitCode() == badUsage {
			return Result{}, err // of ours: every other run would end so as well
		}
		d = &document{Outcome: "crashed"}
	}
	r := d.result(j.key(), j.Leaking)
	r.Seconds = took.Seconds()
	named, namedErr := readNamed(dir, j.Diagnosis)
	if r.Named = named; named != nil {
		r.Seconds -= named.Seconds
	}
	err = errors.Join(err, namedErr)
	if err != nil {
		r.Error = err.Error()
	}
	return r, nil
}

// env puts the job's node first on PATH and tells the app of its database. It
// hides the caller's own settings of leakcheck.
func (l *lab) env(j job) []string {
	path := l.nodeDirs[j.node.major] + string(os.PathListSeparator) + os.Getenv("PATH")
	env := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "LEAKCHECK_") })
	env = append(env, "PATH="+path)
	if l.database != nil {
		env = append(env, l.database.Env()...)
	}
	return env
}

// tail is the last lines of an output, for an error.
func tail(out string) string {
	const most = 15
	lines := strings.Split(strings.TrimSpace(out), "\n")
	return strings.Join(lines[max(0, len(lines)-most):], "\n")
}
