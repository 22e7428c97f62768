package main

import (
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/leakcheck/leakcheck/harness/target/proctree"
)

// endless is a driver that goes on and on and cannot be ended politely, with a
// child that has left its process group.
const endless = `process.on('SIGTERM', () => {})
require('node:child_process').spawn('sleep', ['600'], { detached: true })
setInterval(() => console.log('{"done": 0}'), 50)
`

const endlessScenario = `version: 1
name: endless
target: {command: [node, app.js]}
endpoints: [{name: list, exec: [node, drive.js], timeout: 60s}]
`

// Nothing of a driver, its watchdog or the target is left when leakcheck is
// interrupted, or killed, in the middle of a block.
func TestDriverIsEnded(t *testing.T) {
	for sig, code := range map[syscall.Signal]int{syscall.SIGINT: 130, syscall.SIGKILL: -1} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			s := startRunOf(t, map[string]string{"app.js": stubborn, "drive.js": endless, "scenario.yaml": endlessScenario})
			s.await(t, "warming up")
			runs, err := filepath.Glob(filepath.Join(s.dir, ".leakcheck", "runs", "*"))
			if err != nil || len(runs) != 1 {
				t.Fatalf("got runs %v, %v, want one", runs, err)
			}
			// The driver's watchdog, the driver and its child.
			wait(t, "the driver", func() bool { return len(driving(t, runs[0])) == 3 })
			s.signal(t, sig)
			s.ended(t, code)
			s.gone(t)
			wait(t, "their end", func() bool { return len(living(t, runs[0])) == 0 })
		})
	}
}

func driving(t *testing.T, run string) []int {
	t.Helper()
	pids, err := proctree.Tree{Marker: "LEAKCHECK_DRIVER_RUN=" + filepath.Base(run)}.PIDs()
	if err != nil {
		t.Fatal(err)
	}
	return pids
}

func wait(t *testing.T, what string, there func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !there(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}
