package main

import (
	"net"
	"path/filepath"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/leakcheck/leakcheck/harness/target/proctree"
)

// gone is the script command "gone DIR": it fails when a process still runs of
// the runs whose folders are in DIR, be it of the target, a driver or a watchdog.
func gone(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: gone DIR")
	}
	runs, err := filepath.Glob(filepath.Join(ts.MkAbs(args[0]), "*"))
	ts.Check(err)
	if len(runs) == 0 {
		ts.Fatalf("gone: no run in %s", args[0])
	}
	for _, run := range runs {
		pids, err := left(filepath.Base(run))
		ts.Check(err)
		if len(pids) > 0 {
			ts.Fatalf("gone: %s left processes %v", run, pids)
		}
	}
}

// left are the processes of a run that live.
func left(runID string) ([]int, error) {
	marker := "LEAKCHECK_RUN_ID=" + runID
	var all []int
	for _, m := range []string{marker, "LEAKCHECK_WATCHDOG=" + marker, "LEAKCHECK_DRIVER_RUN=" + runID} {
		pids, err := proctree.Tree{Marker: m}.PIDs()
		if err != nil {
			return nil, err
		}
		all = append(all, pids...)
	}
	return all, nil
}

// takePort gives a script TAKEN_PORT, on which something listens.
func takePort(env *testscript.Env) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	env.Defer(func() { l.Close() })
	env.Setenv("TAKEN_PORT", strconv.Itoa(l.Addr().(*net.TCPAddr).Port))
	path, err := filepath.Abs(shop)
	env.Setenv("SHOP", path)
	return err
}
