package driver_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"go.uber.org/goleak"

	"github.com/leakcheck/leakcheck/harness/driver"
	"github.com/leakcheck/leakcheck/harness/target/proctree"
	"github.com/leakcheck/leakcheck/harness/target/watchdog"
	"github.com/leakcheck/leakcheck/loadgen"
)

func TestMain(m *testing.M) {
	watchdog.Main()
	goleak.VerifyTestMain(m)
}

// job is one of 10 operations.
func job() loadgen.Job {
	return loadgen.Job{URL: "http://127.0.0.1:1", Operations: 10, Workers: 2, First: 1, Seed: 7, Timeout: 10 * time.Second}
}

// shell is a driver of one line of shell, and fails the test when anything of
// it is left at the end.
func shell(t *testing.T, script string) *driver.Driver {
	t.Helper()
	return command(t, "sh", "-c", script)
}

func command(t *testing.T, words ...string) *driver.Driver {
	t.Helper()
	run := uuid.NewString()
	t.Cleanup(func() {
		if left, err := (proctree.Tree{Marker: "LEAKCHECK_DRIVER_RUN=" + run}).PIDs(); err != nil || len(left) > 0 {
			t.Errorf("processes left behind: %v, %v", left, err)
		}
	})
	return driver.New(driver.Options{Command: words, Dir: t.TempDir(), RunID: run})
}

// drive collects what is reported.
func drive(ctx context.Context, d *driver.Driver, j loadgen.Job) (sum loadgen.Report, err error) {
	err = d.Drive(ctx, j, func(r loadgen.Report) {
		sum.Done += r.Done
		sum.Failed += r.Failed
		sum.Latencies = append(sum.Latencies, r.Latencies...)
		if r.Reason != "" {
			sum.Reason = r.Reason
		}
	})
	return sum, err
}

func TestDrive(t *testing.T) {
	const script = `echo '{"done": 6, "latency_ms": [1, 2.5]}'; echo; echo talking >&2
		printf '{"failed": 4, "error": "  no\\nluck "}'`
	d := shell(t, script)
	got, err := drive(t.Context(), d, job())
	if err != nil {
		t.Fatal(err)
	}
	want := loadgen.Report{Done: 6, Failed: 4, Reason: "no luck", Latencies: []time.Duration{time.Millisecond, 2500 * time.Microsecond}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got := d.Said(); got != "talking" {
		t.Errorf("said %q", got)
	}
}

// Each way of breaking the contract is told by what was broken.
func TestBroken(t *testing.T) {
	tests := []struct{ name, script, want, hint string }{
		{"too many", `echo '{"done": 11}'; sleep 60`, "driver: 11 operations reported, and 10 were asked for", "exactly LEAKCHECK_OPERATIONS"},
		{"too few", `echo '{"done": 9}'`, "driver: it ended after 9 operations were reported, and 10 were asked for", "exactly LEAKCHECK_OPERATIONS"},
		{"nothing", `true`, "driver: it ended after 0 operations were reported, and 10 were asked for", "exactly LEAKCHECK_OPERATIONS"},
		{"silence", `trap '' TERM; echo '{"done": 3}'; sleep 60 & wait; sleep 60`, "driver: nothing reported for 2s, with 3 of 10 operations done", "report operations as they end"},
		{"heartbeats", `while :; do echo '{"done": 0}'; sleep 0.05; done`, "driver: nothing reported for 2s, with 0 of 10 operations done", "report operations as they end"},
		{"no exit", `echo '{"done": 10}'; sleep 60`, "driver: all 10 operations were reported, and it did not exit within 2s", "exit when its operations are done"},
		{"closed output", `echo '{"done": 10}'; exec >&-; sleep 60`, "driver: all 10 operations were reported, and it did not exit within 2s", "exit when its operations are done"},
		{"chatter", `echo '{"done": 1}'; echo; echo listening on 80; sleep 60`, `driver: line 3 of its output is no report: "listening on 80": it is not a JSON object`, "standard output is for reports"},
		{"unknown key", `echo '{"dne": 10}'`, `driver: line 1 of its output is no report: "{\"dne\": 10}": unknown field "dne"`, "standard output is for reports"},
		{"endless line", `head -c 2000000 /dev/zero | tr '\0' x; sleep 60`, "driver: line 1 of its output is no report: \"\": it is longer than 1048576 bytes", "standard output is for reports"},
		{"exit code", `echo '{"done": 10}'; echo cannot go on >&2; exit 3`, "driver: it exited with code 3 after 10 of 10 operations", "run the driver by hand: LEAKCHECK_URL="},
		{"signal", `echo '{"done": 2}'; kill -SEGV $$`, "driver: it was ended by SIGSEGV after 2 of 10 operations", "run the driver by hand: LEAKCHECK_URL="},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			j := job()
			if strings.Contains(tt.want, "2s") {
				j.Timeout = 2 * time.Second
			}
			_, err := drive(t.Context(), shell(t, tt.script), j)
			broken, ok := errors.AsType[*driver.Error](err)
			if !ok || err.Error() != tt.want || !strings.Contains(broken.Hint, tt.hint) {
				t.Errorf("got %v\n%+v\nwant %s\nhint: %s", err, broken, tt.want, tt.hint)
			}
			if tt.name == "exit code" && broken.Output != "cannot go on" {
				t.Errorf("output: %q", broken.Output)
			}
		})
	}
}

// The driver finds its job in the environment, and starts in the given folder.
func TestEnvironment(t *testing.T) {
	const script = `env | grep ^LEAKCHECK_ | grep -v ^LEAKCHECK_DRIVER_ | sort >&2; pwd >&2; echo '{"done": 10}'`
	d := shell(t, script)
	j := job()
	j.Captures = map[string]string{"id": "17"}
	if _, err := drive(t.Context(), d, j); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(d.Said(), "\n")
	want := []string{
		`LEAKCHECK_CAPTURES={"id":"17"}`, "LEAKCHECK_FIRST=1", "LEAKCHECK_OPERATIONS=10", "LEAKCHECK_SEED=7",
		"LEAKCHECK_URL=http://127.0.0.1:1", "LEAKCHECK_WORKERS=2",
	}
	if diff := cmp.Diff(want, lines[:len(lines)-1]); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if dir, err := os.Stat(lines[len(lines)-1]); err != nil || !dir.IsDir() {
		t.Errorf("folder %q: %v", lines[len(lines)-1], err)
	}
}

// What was captured is not in any message.
func TestSecrets(t *testing.T) {
	d := shell(t, `echo "$LEAKCHECK_CAPTURES" >&2; echo '{"failed": 10, "error": "refused: opensesame"}'`)
	j := job()
	j.Captures = map[string]string{"token": "opensesame", "id": "17"}
	got, err := drive(t.Context(), d, j)
	if err != nil {
		t.Fatal(err)
	}
	if want := `refused: {{capture "token"}}`; got.Reason != want {
		t.Errorf("reason %q, want %q", got.Reason, want)
	}
	if said := d.Said(); strings.Contains(said, "opensesame") || !strings.Contains(said, "17") {
		t.Errorf("said %q", said)
	}
}

// Whatever the driver started ends with its block, and an end of the context
// ends all of it.
func TestNothingIsLeft(t *testing.T) {
	const child = `(trap '' TERM; setsid sleep 60 & sleep 60) >/dev/null 2>&1 &`
	if _, err := drive(t.Context(), shell(t, child+` echo '{"done": 10}'`), job()); err != nil {
		t.Error(err)
	}
	why := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	d := shell(t, child+` trap '' TERM; echo '{"done": 1}'; while :; do sleep 1; done`)
	err := d.Drive(ctx, job(), func(loadgen.Report) { cancel(why) })
	if !errors.Is(err, why) {
		t.Errorf("got %v, want %v", err, why)
	}
}

func TestProgram(t *testing.T) {
	dir := t.TempDir()
	for name, mode := range map[string]os.FileMode{"good": 0o755, "plain": 0o644} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"), mode); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{
		"sh": "", "./good": "", filepath.Join(dir, "good"): "",
		"no-such-program": `"no-such-program" is not on PATH`,
		"./none":          `"./none" does not exist`,
		"./plain":         `"./plain": permission denied`,
	} {
		d := driver.New(driver.Options{Command: []string{name}, Dir: dir})
		path, err := d.Program()
		if want == "" && (err != nil || !filepath.IsAbs(path)) || want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)) {
			t.Errorf("%s: got %q, %v, want %q", name, path, err, want)
		}
	}
}

// A file that cannot be executed is told when it is started.
func TestCannotStart(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "odd"), []byte{0x7f, 'E', 'L', 'F'}, 0o755); err != nil {
		t.Fatal(err)
	}
	d := driver.New(driver.Options{Command: []string{"./odd"}, Dir: dir})
	_, err := drive(t.Context(), d, job())
	if broken, ok := errors.AsType[*driver.Error](err); !ok || !strings.HasPrefix(err.Error(), "driver: start: ") || broken.Hint == "" {
		t.Errorf("got %v", err)
	}
}

func TestBlocksAtOnce(t *testing.T) {
	d := shell(t, `echo '{"done": 5}'; sleep 0.2; echo '{"done": 5}'`)
	results := make(chan error)
	for range 3 {
		go func() {
			sum, err := drive(t.Context(), d, job())
			if sum.Done != 10 {
				err = errors.Join(err, errors.New("not all were reported"))
			}
			results <- err
		}()
	}
	if errs := []error{<-results, <-results, <-results}; slices.ContainsFunc(errs, func(err error) bool { return err != nil }) {
		t.Error(errs)
	}
}
