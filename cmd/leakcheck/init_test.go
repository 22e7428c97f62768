package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/leakcheck/leakcheck/sampler/recording"
)

// stub answers what drafts ask for: 404 where the HAR file had one.
const stub = `require('http').createServer((req, res) => {
  req.resume().on('end', () => { res.statusCode = req.url === '/missing' ? 404 : 200; res.end('{}') })
}).listen(process.env.PORT)`

// What init drafts runs against a server made from it: each endpoint is loaded,
// and every request is answered as the draft expects.
func TestDraftsRun(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a load for each source")
	}
	for _, name := range []string{"TOKEN", "API_KEY", "SERVER_TOKEN", "COOKIE", "X_API_KEY", "ACCESS_TOKEN", "CLIENT_SECRET", "PASSWORD"} {
		t.Setenv(name, "x")
	}
	for source, limit := range map[string]string{ // to have each endpoint loaded at least
		"petstore.yaml": "60s", "uspto.yaml": "15s", "uber.yaml": "15s", "shop.har": "15s", "access.log": "15s",
	} {
		t.Run(source, func(t *testing.T) {
			path, err := filepath.Abs("../../scenarios/draft/testdata/" + source)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			write(t, filepath.Join(dir, "package.json"), `{"name": "stub", "scripts": {"start": "node server.js"}}`)
			write(t, filepath.Join(dir, "server.js"), stub)
			printed(t, dir, "init", path, "--all")
			cmd := exec.Command("leakcheck", "run", "scenario.yaml", "--max-duration", limit, "--inconclusive", "0", "--quiet", "--no-diagnose", "--history", "off")
			cmd.Dir, cmd.Env = dir, os.Environ()
			out, err := cmd.CombinedOutput()
			if code := cmd.ProcessState.ExitCode(); code != 0 && code != 3 { // too short to decide much
				t.Fatalf("exit code %d, %v:\n%s", code, err, out)
			}
			everyRequestLanded(t, dir)
		})
	}
}

func everyRequestLanded(t *testing.T, dir string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, ".leakcheck", "runs", "*", "recording.jsonl"))
	if err != nil || len(files) != 1 {
		t.Fatalf("got recordings %v, %v", files, err)
	}
	rec, err := recording.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	landed := make([]int, len(rec.Header.Endpoints))
	for i := range rec.Observations {
		block := &rec.Observations[i].Block
		if block.Load.Failed > 0 {
			t.Errorf("block %d, of endpoint %d: %d requests failed: %v", i, block.Endpoint, block.Load.Failed, block.Load.Statuses)
		}
		if block.Endpoint >= 0 {
			landed[block.Endpoint] += block.Load.Landed
		}
	}
	for i, e := range rec.Header.Endpoints {
		if t.Logf("%s: %d requests landed", e.Name, landed[i]); landed[i] == 0 {
			t.Errorf("%s was never loaded", e.Name)
		}
	}
}
