package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/tools/testenv"
)

// fault is something that goes wrong, and how leakcheck is to end. Its command is a
// shell's, in a folder of its own that has the files of testdata/faults, and
// recordings: shop.jsonl of version 2 and chained.jsonl of version 3.
type fault struct {
	name    string
	command string
	exit    int
	says    string // regular expression that the output matches, "" for any
	needs   string // program without which it is left out; "engine" is a container engine
}

// ended is how a fault ended.
type ended struct {
	fault
	got    int
	left   string // what was left behind, "" for nothing
	reread string // whether the recording of the run can be judged: "yes", "no", or "-" where there is none
	wrong  string // "" when all is as it is to be
}

// faultPatience bounds one fault: what hangs is wrong.
const faultPatience = 3 * time.Minute

// TestFaults runs the faults that are over at once, and every night those that
// measure first. With -v it prints the table of all.
func TestFaults(t *testing.T) {
	faults := slices.Concat(fileFaults, recordingFaults, snapshotFaults, usageFaults, startFaults)
	if os.Getenv(nightly) != "" {
		faults = append(faults, runFaults...)
	}
	var mu sync.Mutex
	var table []ended
	t.Run("all", func(t *testing.T) {
		for _, f := range faults {
			t.Run(f.name, func(t *testing.T) {
				t.Parallel()
				f.require(t)
				e := f.run(t)
				if e.wrong != "" {
					t.Errorf("%s\n%s", f.command, e.wrong)
				}
				mu.Lock()
				defer mu.Unlock()
				table = append(table, e)
			})
		}
	})
	slices.SortFunc(table, func(a, b ended) int { return cmp.Compare(a.name, b.name) })
	t.Logf("%d faults\n%s", len(table), tableOf(table))
}

func tableOf(all []ended) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-34s %4s %4s %-9s %-9s %s\n", "fault", "want", "got", "left", "recording", "command")
	for _, e := range all {
		fmt.Fprintf(&b, "%-34s %4d %4d %-9s %-9s %s\n", e.name, e.exit, e.got, cmp.Or(e.left, "nothing"), e.reread, e.command)
	}
	return b.String()
}

func (f fault) require(t *testing.T) {
	t.Helper()
	switch f.needs {
	case "":
	case "engine":
		if err := testenv.StartEngine(t.Context()); err != nil {
			t.Skip(err)
		}
	default:
		if _, err := exec.LookPath(f.needs); err != nil {
			t.Skip(err)
		}
	}
}

func (f fault) run(t *testing.T) ended {
	t.Helper()
	dir := faultFolder(t)
	ctx, cancel := context.WithTimeout(t.Context(), faultPatience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-c", f.command)
	cmd.Dir = filepath.Join(dir, "work")
	cmd.Env = append(os.Environ(), "TMPDIR="+filepath.Join(dir, "tmp"), "NODE_NO_WARNINGS=1")
	cmd.WaitDelay = 5 * time.Second
	out, err := cmd.CombinedOutput()
	e := ended{fault: f, got: cmd.ProcessState.ExitCode()}
	e.left = leftovers(t, dir)
	e.reread = reread(cmd.Dir)
	matched, matchErr := regexp.Match("(?m)"+f.says, out)
	switch {
	case matchErr != nil:
		t.Fatal(matchErr)
	case ctx.Err() != nil:
		e.wrong = fmt.Sprintf("not over after %v", faultPatience)
	case e.got != f.exit:
		e.wrong = fmt.Sprintf("got exit code %d (%v), want %d", e.got, err, f.exit)
	case !matched:
		e.wrong = fmt.Sprintf("want %q said", f.says)
	case bytes.Contains(out, []byte("panic:")) || bytes.Contains(out, []byte("goroutine ")):
		e.wrong = "it panicked"
	case e.left != "":
		e.wrong = "left behind: " + e.left
	case e.reread == "no":
		e.wrong = "the recording cannot be read"
	}
	if e.wrong != "" {
		e.wrong += "\n" + string(out)
	}
	return e
}

// faultFolder has a folder to work in, with the files, and one for temporary files.
func faultFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	work := filepath.Join(dir, "work")
	err := errors.Join(os.Mkdir(filepath.Join(dir, "tmp"), 0o700), os.CopyFS(work, os.DirFS("testdata/faults")),
		os.CopyFS(filepath.Join(work, "secrets"), os.DirFS("testdata/secrets")))
	if err != nil {
		t.Fatal(err)
	}
	rec, err := recording.ReadFile(shop)
	if err != nil {
		t.Fatal(err)
	}
	var chained bytes.Buffer
	if err := recording.Write(&chained, rec); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(shop)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"shop.jsonl": text, "chained.jsonl": chained.Bytes()} {
		if err := os.WriteFile(filepath.Join(work, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// temporary are names of files that are written before they are renamed.
var temporary = regexp.MustCompile(`\.(json|html|xml|yaml|db|heapsnapshot)\.?\d{6,}$|^\.heapsnapshot-`)

// leftovers are processes of the runs that still live, temporary files, and what
// the container engine has of them. A watchdog takes a moment to end.
func leftovers(t *testing.T, dir string) string {
	t.Helper()
	runs, err := filepath.Glob(filepath.Join(dir, "work", "*", "runs", "*"))
	if err != nil {
		t.Fatal(err)
	}
	hidden, err := filepath.Glob(filepath.Join(dir, "work", ".leakcheck", "runs", "*"))
	if err != nil {
		t.Fatal(err)
	}
	var what []string
	for _, run := range append(runs, hidden...) {
		id := filepath.Base(run)
		var pids []int
		for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
			if pids, err = left(id); err != nil {
				t.Fatal(err)
			}
			if len(pids) == 0 {
				break
			}
		}
		if len(pids) > 0 {
			what = append(what, fmt.Sprintf("processes %v", pids))
		}
		if docker, err := exec.LookPath("docker"); err == nil {
			names, _ := exec.Command(docker, "ps", "--all", "--quiet", "--filter", "name="+id).Output() // no engine, no container
			if len(bytes.TrimSpace(names)) > 0 {
				what = append(what, fmt.Sprintf("containers %s", names))
			}
		}
	}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		inTemp := filepath.Dir(path) == filepath.Join(dir, "tmp") && !strings.HasPrefix(d.Name(), "node-compile-cache")
		if inTemp || temporary.MatchString(d.Name()) {
			what = append(what, "file "+d.Name())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(what, ", ")
}

// reread says whether every run that was recorded in dir can be judged again.
func reread(dir string) string {
	all, err := filepath.Glob(filepath.Join(dir, ".leakcheck", "runs", "*", "recording.jsonl"))
	if err != nil || len(all) == 0 {
		return "-"
	}
	for _, path := range all {
		if _, err := recording.ReadFile(path); err != nil {
			return "no"
		}
	}
	return "yes"
}
