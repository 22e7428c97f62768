package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/leakcheck/leakcheck/tools/testenv"
)

const containerScenario = `version: 1
name: contained
target:
  container:
    image: NODE_IMAGE
    pull: never
    command: [node, /app/app.js]
    mounts: [{source: app.js, target: /app/app.js}]
endpoints: [{name: list, request: GET /}]
`

const builtScenario = `version: 1
name: built
target: {container: {build: {}}}
endpoints: [{name: list, request: GET /}]
`

const okApp = `require('node:http').createServer((request, response) => response.end()).listen(process.env.PORT)
`

// containerRun runs a scenario of the node on PATH, as an image of the engine
// that DOCKER_HOST names.
func containerRun(t *testing.T, scenario string) *session {
	t.Helper()
	testenv.NeedEngine(t)
	path, err := exec.LookPath("node")
	if err != nil {
		t.Skip("needs node")
	}
	node, err := testenv.OpenNode(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	image, err := testenv.NodeImage(t.Context(), node)
	if err != nil {
		t.Fatal(err)
	}
	return startRunOf(t, map[string]string{
		"scenario.yaml": strings.ReplaceAll(scenario, "NODE_IMAGE", image),
		"app.js":        okApp,
		"Dockerfile":    "FROM " + image + "\nRUN sleep 60\n",
	})
}

// runID is that of the session's run, "" while there is none.
func (s *session) runID(t *testing.T) string {
	t.Helper()
	runs, err := filepath.Glob(filepath.Join(s.dir, ".leakcheck", "runs", "*"))
	if err != nil {
		t.Fatal(err)
	}
	if len(runs) == 0 {
		return ""
	}
	return filepath.Base(runs[0])
}

// onEngine is what the run has on the engine: containers, networks, volumes
// and images.
func (s *session) onEngine(t *testing.T) []string {
	t.Helper()
	found, err := labelled(s.runID(t))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// removed waits, as the watchdog needs a moment, until nothing is left.
func (s *session) removed(t *testing.T, patience time.Duration) {
	t.Helper()
	for deadline := time.Now().Add(patience); len(s.onEngine(t)) > 0; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("left on the engine: %v", s.onEngine(t))
		}
	}
}

// A Ctrl-C ends the run in order, whatever it was at.
func TestContainerInterrupt(t *testing.T) {
	for name, tt := range map[string]struct{ scenario, at string }{
		"building":   {builtScenario, "building the image of target"},
		"under load": {containerScenario, "warming up"},
	} {
		t.Run(name, func(t *testing.T) {
			s := containerRun(t, tt.scenario)
			s.await(t, tt.at)
			s.signal(t, os.Interrupt)
			s.ended(t, 130)
			s.removed(t, 0)
		})
	}
}

// Two runs at once know their own: what one removes is not the other's.
func TestContainersAtOnce(t *testing.T) {
	first, second := containerRun(t, containerScenario), containerRun(t, containerScenario)
	first.await(t, "warming up")
	second.await(t, "warming up")
	first.signal(t, os.Interrupt)
	first.ended(t, 130)
	first.removed(t, 0)
	if len(second.onEngine(t)) == 0 {
		t.Error("the second run lost its container to the first")
	}
	second.signal(t, syscall.SIGTERM)
	second.ended(t, 143) // and not 4: its target was there to the end
	second.removed(t, 0)
}

// An engine that goes away ends the run. What could not be removed meanwhile is,
// when it is back.
func TestEngineAway(t *testing.T) {
	e := engineBehind(t)
	s := containerRun(t, containerScenario)
	s.await(t, "warming up")
	e.leave()
	s.ended(t, 4)
	e.comeBack(t)
	s.removed(t, time.Minute)
}
