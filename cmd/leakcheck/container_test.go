package main

import (
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
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

const pulledScenario = `version: 1
name: pulled
target: {container: {image: "REGISTRY/app:1"}}
endpoints: [{name: list, request: GET /}]
`

// composedScenario waits for a service that never becomes healthy.
const composedScenario = `version: 1
name: composed
compose: compose.yaml
target: {container: {service: app}}
endpoints: [{name: list, request: GET /}]
`

const composeFile = `services:
  app: {image: NODE_IMAGE, depends_on: {db: {condition: service_healthy}}}
  db:
    image: NODE_IMAGE
    command: [sleep, "60"]
    healthcheck: {test: [CMD, "false"]}
    volumes: [data:/data, /scratch]
volumes: {data: }
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
	image := testenv.NeedHostImage(t)
	return startRunOf(t, map[string]string{
		"scenario.yaml": strings.ReplaceAll(scenario, "NODE_IMAGE", image),
		"compose.yaml":  strings.ReplaceAll(composeFile, "NODE_IMAGE", image),
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

// A Ctrl-C ends the run in order, whatever it was at. TestContainersAtOnce has
// those under load.
func TestContainerInterrupt(t *testing.T) {
	registry := silentRegistry(t)
	for name, tt := range map[string]struct{ scenario, at string }{
		"pulling":            {strings.ReplaceAll(pulledScenario, "REGISTRY", registry), "pulling " + registry + "/app:1"},
		"building":           {builtScenario, "building the image of target"},
		"starting a service": {composedScenario, "starting service db"},
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

// silentRegistry takes connections and never answers.
func silentRegistry(t *testing.T) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() {
				_, _ = io.Copy(io.Discard, conn) // until the engine gives up
				conn.Close()
			})
		}
	})
	t.Cleanup(func() { l.Close() })
	return l.Addr().String()
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

// An engine that is reached by TCP: on this machine's loopback address all is as
// ever; by any other, both ports are open to others, and that is said.
func TestEngineByTCP(t *testing.T) {
	for _, ip := range []string{"127.0.0.1", outerAddress(t)} {
		t.Run(ip, func(t *testing.T) {
			engineBehind(t, ip)
			s := containerRun(t, containerScenario)
			s.await(t, "warming up")
			bound := publishedAt(t, s.runID(t))
			s.signal(t, os.Interrupt)
			s.ended(t, 130)
			s.removed(t, 0)
			said := strings.Contains(strings.Join(s.seen, "\n"), "its inspector are open to whoever reaches "+ip)
			if local := ip == "127.0.0.1"; said == local || strings.Contains(bound, "0.0.0.0:") == local {
				t.Errorf("ports published at %q, said to be open: %t; want both for an address that is not loopback only", bound, said)
			}
		})
	}
}

// outerAddress is one of this machine's that others may reach.
func outerAddress(t *testing.T) string {
	t.Helper()
	all, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && !n.IP.IsLoopback() {
			return n.IP.String()
		}
	}
	t.Skip("needs an address besides the loopback")
	return ""
}

// publishedAt is where the engine says that the run's ports are.
func publishedAt(t *testing.T, runID string) string {
	t.Helper()
	out, err := exec.Command("docker", "ps", "--filter=label=org.leakcheck.run="+runID, "--format={{.Ports}}").CombinedOutput()
	if err != nil {
		t.Fatalf("docker ps: %v\n%s", err, out)
	}
	return string(out)
}

// An engine that is not this user's.
func TestEngineForbidden(t *testing.T) {
	testenv.NeedEngine(t)
	if os.Getuid() != 0 || os.Getenv("DOCKER_HOST") != "" {
		t.Skip("needs to run as root, to run as another user, on the engine of this machine")
	}
	const nobody = 65534
	dir, err := os.MkdirTemp("", "nobody") // which that user can reach
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	program, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"leakcheck": string(program), "scenario.yaml": containerScenario, "app.js": okApp} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chown(dir, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(filepath.Join(dir, "leakcheck"), "run", "scenario.yaml")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "HOME="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	out, err := cmd.CombinedOutput()
	const want = "hint: add your user to the docker group and log in again, or run as root\n"
	if cmd.ProcessState.ExitCode() != 4 || !strings.Contains(string(out), want) {
		t.Errorf("as nobody: %v, want exit code 4 and %q\n%s", err, want, out)
	}
}

// An engine that goes away ends the run. What could not be removed meanwhile is,
// when it is back.
func TestEngineAway(t *testing.T) {
	e := engineBehind(t, "")
	s := containerRun(t, containerScenario)
	s.await(t, "warming up")
	e.leave()
	s.ended(t, 4)
	e.comeBack(t)
	s.removed(t, time.Minute)
}
