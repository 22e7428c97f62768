package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording"
)

// stub answers what drafts ask for: 404 where the HAR file had one.
const stub = `require('http').createServer((req, res) => {
  req.resume().on('end', () => { res.statusCode = req.url === '/missing' ? 404 : 200; res.end('{}') })
}).listen(process.env.PORT)`

// enough requests of each endpoint, with data of their own.
const enough = 50

// What init drafts runs against a server made from it: each endpoint is loaded,
// and every request is answered as the draft expects.
func TestDraftsRun(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a load for each source")
	}
	env := os.Environ()
	for _, name := range []string{"TOKEN", "API_KEY", "SERVER_TOKEN", "COOKIE", "X_API_KEY", "ACCESS_TOKEN", "CLIENT_SECRET", "PASSWORD"} {
		env = append(env, name+"=x")
	}
	for _, source := range []string{"petstore.yaml", "uspto.yaml", "uber.yaml", "shop.har", "access.log"} {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			path, err := filepath.Abs("../../scenarios/draft/testdata/" + source)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			write(t, filepath.Join(dir, "package.json"), `{"name": "stub", "scripts": {"start": "node server.js"}}`)
			write(t, filepath.Join(dir, "server.js"), stub)
			printed(t, dir, "init", path, "--all")
			runUntilLoaded(t, dir, env)
			rec, err := recordedIn(dir)
			if err != nil {
				t.Fatal(err)
			}
			for i, o := range rec.Observations {
				if load := &o.Block.Load; load.Failed > 0 {
					t.Errorf("block %d, of endpoint %d: %d requests failed: %v", i, o.Block.Endpoint, load.Failed, load.Statuses)
				}
			}
		})
	}
}

// runUntilLoaded interrupts the run when each endpoint has had its requests,
// however long that takes.
func runUntilLoaded(t *testing.T, dir string, env []string) {
	t.Helper()
	var out bytes.Buffer
	cmd := exec.Command("leakcheck", "run", "scenario.yaml", "--quiet", "--no-diagnose", "--history", "off")
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, env, &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for !everyEndpointLoaded(dir) {
		select {
		case err := <-ended:
			t.Fatalf("ended before each endpoint was loaded: %v\n%s", err, &out)
		case <-time.After(100 * time.Millisecond):
		}
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; cmd.ProcessState.ExitCode() != 130 {
		t.Fatalf("got %v, want exit code 130:\n%s", err, &out)
	}
}

func everyEndpointLoaded(dir string) bool {
	rec, err := recordedIn(dir)
	if err != nil {
		return false // not begun
	}
	landed := make([]int, len(rec.Header.Endpoints))
	for i := range rec.Observations {
		if block := &rec.Observations[i].Block; block.Endpoint >= 0 {
			landed[block.Endpoint] += block.Load.Landed
		}
	}
	return slices.Min(landed) >= enough
}

// recordedIn is what the one run in dir has recorded by now.
func recordedIn(dir string) (*recording.Recording, error) {
	files, err := filepath.Glob(filepath.Join(dir, ".leakcheck", "runs", "*", "recording.jsonl"))
	if err != nil || len(files) != 1 {
		return nil, fmt.Errorf("got recordings %v, %v", files, err)
	}
	return recording.ReadFile(files[0])
}
