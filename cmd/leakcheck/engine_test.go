package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/leakcheck/leakcheck/tools/testenv"
)

// condition knows "engine": a container engine answers, or could be started.
// In CI, where these tests must run, its absence is an error.
func condition(name string) (bool, error) {
	if name != "engine" {
		return false, fmt.Errorf("unknown condition %q", name)
	}
	err := testenv.StartEngine(context.Background())
	if err != nil && os.Getenv("CI") == "true" {
		return false, fmt.Errorf("CI must run this script: %w", err)
	}
	return err == nil, nil
}

// images is the script command "images": it sets NODE_IMAGE and MARIADB_IMAGE
// to images of what this machine has.
func images(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: images")
	}
	ctx := context.Background()
	image, err := testenv.HostImage(ctx)
	ts.Check(err)
	ts.Setenv("NODE_IMAGE", image)
	image, err = testenv.MariaDBImage(ctx)
	ts.Check(err)
	ts.Setenv("MARIADB_IMAGE", image)
}

// packages is the script command "packages NAME DIR": it installs into DIR what
// the lock file in testdata/NAME names.
func packages(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: packages NAME DIR")
	}
	dir := ts.MkAbs(args[1])
	for _, name := range []string{"package.json", "package-lock.json"} {
		text, err := os.ReadFile(filepath.Join(testFolder, "testdata", args[0], name))
		ts.Check(err)
		ts.Check(os.WriteFile(filepath.Join(dir, name), text, 0o644))
	}
	ts.Check(testenv.InstallPackages(context.Background(), dir))
}

// testFolder is this package's: scripts run in folders of their own.
var testFolder = func() string {
	dir, err := os.Getwd()
	if err != nil {
		panic(err)
	}
	return dir
}()

// removed is the script command "removed DIR": it fails when the runs whose
// folders are in DIR have left anything on the container engine.
func removed(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: removed DIR")
	}
	runs, err := filepath.Glob(filepath.Join(ts.MkAbs(args[0]), "*"))
	ts.Check(err)
	if len(runs) == 0 {
		ts.Fatalf("removed: no run in %s", args[0])
	}
	for _, run := range runs {
		found, err := labelled(filepath.Base(run))
		ts.Check(err)
		if len(found) > 0 {
			ts.Fatalf("removed: left on the engine: %v", found)
		}
	}
}

// labelled is what the engine's own command finds of a run: the ids of
// containers, networks, volumes and images.
func labelled(runID string) ([]string, error) {
	var all []string
	for _, list := range [][]string{{"ps", "-a", "-q"}, {"network", "ls", "-q"}, {"volume", "ls", "-q"}, {"images", "-q"}} {
		out, err := exec.Command("docker", append(list, "--filter", "label=org.leakcheck.run="+runID)...).CombinedOutput()
		if err != nil {
			return nil, fmt.Errorf("docker %s: %w: %s", strings.Join(list, " "), err, out)
		}
		all = append(all, strings.Fields(string(out))...)
	}
	return all, nil
}
