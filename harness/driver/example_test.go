package driver_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/leakcheck/leakcheck/harness/driver"
	"github.com/leakcheck/leakcheck/loadgen"
	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/tools/testenv"
)

// documented writes the driver of docs/drivers.md that begins with "// name" to
// a folder of its own.
func documented(t *testing.T, name string) (dir string) {
	t.Helper()
	m := regexp.MustCompile("(?ms)^```js\n(// " + regexp.QuoteMeta(name) + "\n.*?)^```$").FindSubmatch(document(t))
	if m == nil {
		t.Fatalf("docs/drivers.md has no %s", name)
	}
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), m[1], 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

func document(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile("../../docs/drivers.md")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// counter is a target that counts its requests by path.
type counter struct {
	mu   sync.Mutex
	seen map[string]int
}

func (c *counter) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen[r.URL.Path]++
}

// newBlocks gives a function that has the driver perform so many operations on
// the target at url.
func newBlocks(t *testing.T, url, dir string, command ...string) func(n int) recording.Load {
	t.Helper()
	l, err := loadgen.New(loadgen.Options{BaseURL: url, Workers: 7})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	d := driver.New(driver.Options{Command: command, Dir: dir, RunID: uuid.NewString()})
	e, err := l.Prepare(loadgen.Request{Name: "items", Driver: d, Timeout: 20 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return func(n int) recording.Load {
		load, err := l.Block(t.Context(), e, n)
		if err != nil {
			t.Fatalf("%v\n%s", err, d.Said())
		}
		return load
	}
}

// Operations reported are operations that the target has seen, each with a
// number of its own, over several blocks.
func TestExactCounts(t *testing.T) {
	c := &counter{seen: map[string]int{}}
	app := httptest.NewServer(c)
	defer app.Close()
	drive := newBlocks(t, app.URL, documented(t, "drive.js"), "node", "drive.js")
	sent := 0
	for _, n := range []int{1, 10, 333, 1500} {
		load := drive(n)
		sent += n
		if load.Requests != n || load.Landed != n || load.Workers != min(n, 7) || load.Latency.Mean <= 0 {
			t.Errorf("%d operations: got %+v", n, load)
		}
	}
	if len(c.seen) != sent {
		t.Errorf("the target saw %d different requests, and %d were reported", len(c.seen), sent)
	}
	for path, n := range c.seen {
		if n != 1 {
			t.Errorf("%s was sent %d times", path, n)
		}
	}
}

// What autocannon does not say of requests is counted as well: here the target
// cuts off every tenth.
func TestAutocannon(t *testing.T) {
	const script = "drive-autocannon.js"
	dir := documented(t, script)
	if err := os.CopyFS(dir, os.DirFS("testdata/autocannon")); err != nil {
		t.Fatal(err)
	}
	if err := testenv.InstallPackages(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	app, seen := rude(t)
	checkRude(t, seen, newBlocks(t, app.URL, dir, "node", script))
}

// k6 needs no wrapper: its console is the report.
func TestK6(t *testing.T) {
	if _, err := exec.LookPath("k6"); err != nil {
		t.Skip("k6 is not on PATH: go install go.k6.io/k6@v1.3.0")
	}
	command := regexp.MustCompile(`exec: \[(k6, .*)\]`).FindSubmatch(document(t))
	if command == nil {
		t.Fatal("docs/drivers.md has no command for k6")
	}
	dir := documented(t, "drive-k6.js")
	app, seen := rude(t)
	checkRude(t, seen, newBlocks(t, app.URL, dir, strings.Split(string(command[1]), ", ")...))
}

// rude is a target that cuts off every tenth request, and counts all.
func rude(t *testing.T) (*httptest.Server, *atomic.Int64) {
	t.Helper()
	var seen atomic.Int64
	app := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		if seen.Add(1)%10 == 0 {
			panic(http.ErrAbortHandler)
		}
	}))
	t.Cleanup(app.Close)
	return app, &seen
}

func checkRude(t *testing.T, seen *atomic.Int64, drive func(n int) recording.Load) {
	t.Helper()
	for _, n := range []int{10, 500} {
		before := seen.Load()
		load := drive(n)
		if got := int(seen.Load() - before); got != n || load.Requests != n || load.Failed != n/10 || load.Latency.Mean <= 0 {
			t.Errorf("%d operations: the target saw %d, and reported was %+v", n, got, load)
		}
	}
}
