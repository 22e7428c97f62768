package main

import (
	"flag"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/leakcheck/leakcheck/harness/target/container"
	"github.com/leakcheck/leakcheck/harness/target/watchdog"
)

var update = flag.Bool("update", false, "write what the commands printed into the scripts")

func TestMain(m *testing.M) {
	watchdog.Main(container.RemoveOrphans) // the scripts' leakcheck is this binary, and so is its watchdog
	testscript.Main(m, map[string]func(){"leakcheck": main})
}

func TestScripts(t *testing.T) {
	recorded, err := filepath.Abs(shop)
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		UpdateScripts:       *update,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"certificate": writeCertificate, "code": exitCode, "gone": gone, "images": images, "packages": packages, "removed": removed},
		Setup: func(env *testscript.Env) error {
			env.Setenv("SHOP", recorded)
			return takePort(env)
		},
		Condition: condition,
	})
}
