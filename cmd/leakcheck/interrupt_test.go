package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// stubborn is an app that says its pid and cannot be ended politely.
const stubborn = `process.on('SIGTERM', () => {})
process.on('SIGINT', () => {})
require('node:fs').writeFileSync('pid', String(process.pid))
require('node:http').createServer((request, response) => response.end()).listen(process.env.PORT, '127.0.0.1')
`

const stubbornScenario = `version: 1
name: stubborn
target: {command: [node, app.js]}
endpoints: [{name: list, request: GET /}]
`

// session is leakcheck measuring the stubborn app.
type session struct {
	dir   string
	cmd   *exec.Cmd
	lines *bufio.Scanner // standard error
	seen  []string       // of them, by await
}

func startRun(t *testing.T) *session {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("needs node")
	}
	return startRunOf(t, map[string]string{"app.js": stubborn, "scenario.yaml": stubbornScenario})
}

// startRunOf runs the scenario.yaml among the files.
func startRunOf(t *testing.T, files map[string]string) *session {
	t.Helper()
	s := &session{dir: t.TempDir(), cmd: exec.Command("leakcheck", "run", "scenario.yaml")}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s.cmd.Dir = s.dir
	stderr, err := s.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.lines = bufio.NewScanner(stderr)
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.cmd.Process.Kill() }) // for a test that failed in between
	return s
}

// await reads standard error up to the line.
func (s *session) await(t *testing.T, line string) {
	t.Helper()
	for s.lines.Scan() {
		if s.lines.Text() == line {
			return
		}
		s.seen = append(s.seen, s.lines.Text())
	}
	t.Fatalf("no line %q in:\n%s", line, strings.Join(s.seen, "\n"))
}

func (s *session) signal(t *testing.T, sig os.Signal) {
	t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
}

// ended reads to the end and checks the exit code.
func (s *session) ended(t *testing.T, code int) {
	t.Helper()
	for s.lines.Scan() {
	}
	err := s.cmd.Wait()
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok || exit.ExitCode() != code {
		t.Fatalf("got %v, want exit code %d", err, code)
	}
}

// gone checks that the app no longer runs. The watchdog's kill comes a moment
// after leakcheck's own end.
func (s *session) gone(t *testing.T) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir, "pid"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(string(text))
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			return
		}
	}
	t.Errorf("the app (pid %d) still runs", pid)
}

// The first signal ends the run in order: judged, stored, nothing left.
func TestInterrupt(t *testing.T) {
	// A signal that is ignored, as under nohup, stays so in what is started; one that is
	// caught does not.
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, syscall.SIGHUP)
	t.Cleanup(func() { signal.Stop(caught) })
	for sig, code := range map[syscall.Signal]int{syscall.SIGHUP: 129, syscall.SIGINT: 130, syscall.SIGTERM: 143} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			s := startRun(t)
			s.await(t, "warming up")
			s.signal(t, sig)
			s.ended(t, code)
			s.gone(t)

			runs, err := filepath.Glob(filepath.Join(s.dir, ".leakcheck", "runs", "*"))
			if err != nil || len(runs) != 1 {
				t.Fatalf("got runs %v, %v, want one", runs, err)
			}
			checkVerdict(t, filepath.Join(runs[0], "verdict.json"), code)
			checkModes(t, runs[0])
			again := exec.Command("leakcheck", "judge", runs[0])
			out, err := again.CombinedOutput()
			if again.ProcessState.ExitCode() != 3 {
				t.Errorf("judged again: got %v, want exit code 3\n%s", err, out)
			}
		})
	}
}

func checkVerdict(t *testing.T, path string, code int) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Outcome  string
		ExitCode int `json:"exit_code"`
	}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if got.Outcome != "inconclusive" || got.ExitCode != code {
		t.Errorf("verdict.json: got %s, %d, want inconclusive, %d", got.Outcome, got.ExitCode, code)
	}
}

// checkModes wants a run to be its owner's alone, and what the target printed and
// was seen to hold even when it is copied elsewhere.
func checkModes(t *testing.T, run string) {
	t.Helper()
	for name, want := range map[string]os.FileMode{"": 0o700, "recording.jsonl": 0o600, "target.log": 0o600} {
		info, err := os.Stat(filepath.Join(run, name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s: got mode %v, want %v", info.Name(), info.Mode().Perm(), want)
		}
	}
}

// The second signal does not wait for a target that takes its time.
func TestInterruptTwice(t *testing.T) {
	s := startRun(t)
	s.await(t, "warming up")
	s.signal(t, syscall.SIGINT)
	s.await(t, "stopping")
	s.signal(t, syscall.SIGINT)
	s.ended(t, 130)
	s.gone(t)
}

// Nothing runs on after a SIGKILL, and what was recorded can be judged.
func TestKilled(t *testing.T) {
	s := startRun(t)
	s.await(t, "warming up")
	runs, err := filepath.Glob(filepath.Join(s.dir, ".leakcheck", "runs", "*"))
	if err != nil || len(runs) != 1 {
		t.Fatalf("got runs %v, %v, want one", runs, err)
	}
	if pids := living(t, runs[0]); len(pids) != 2 {
		t.Fatalf("got processes %v, want the app and the watchdog", pids)
	}
	s.signal(t, syscall.SIGKILL)
	s.ended(t, -1)
	s.gone(t)
	for deadline := time.Now().Add(10 * time.Second); len(living(t, runs[0])) > 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("processes left behind: %v", living(t, runs[0]))
		}
	}
	again := exec.Command("leakcheck", "judge", runs[0])
	if out, err := again.CombinedOutput(); again.ProcessState.ExitCode() != 4 {
		t.Errorf("judged: got %v, want exit code 4, as the recording has no end\n%s", err, out)
	}
}

func living(t *testing.T, run string) []int {
	t.Helper()
	pids, err := left(filepath.Base(run))
	if err != nil {
		t.Fatal(err)
	}
	return pids
}
