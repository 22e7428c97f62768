package heapsnap_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/leakcheck/leakcheck/sampler/heapsnap"
	"github.com/leakcheck/leakcheck/tools/testenv"
)

// reference is what the code of DevTools finds in a snapshot.
type reference struct {
	Nodes, Edges int
	Total        heapsnap.Bytes
	Classes      []heapsnap.Class

	rows []row
}

// row is what there is to know of one node.
type row struct {
	Dominator         heapsnap.Node
	Shallow, Retained heapsnap.Bytes
	Distance          int
}

// Every number that DevTools shows of a snapshot is ours too.
func TestAgreesWithDevTools(t *testing.T) {
	if testing.Short() {
		t.Skip("downloads Node and DevTools' code")
	}
	dir := installDevTools(t)
	for _, c := range []struct{ node, objects int }{{20, 1000}, {22, 1000}, {24, 1000}, {24, 20000}, {26, 3000}} {
		t.Run(fmt.Sprintf("node%d/%d", c.node, c.objects), func(t *testing.T) {
			file := writeSnapshot(t, c.node, c.objects)
			want := analyseWithDevTools(t, dir, file)
			s, err := heapsnap.Open(file)
			if err != nil {
				t.Fatal(err)
			}
			s.Analyze()
			if s.NodeCount() != want.Nodes || s.EdgeCount() != want.Edges || s.TotalSize() != want.Total {
				t.Fatalf("got %d nodes, %d edges, %d bytes, want %d, %d, %d",
					s.NodeCount(), s.EdgeCount(), s.TotalSize(), want.Nodes, want.Edges, want.Total)
			}
			compareNodes(t, s, want)
			compareClasses(t, s, want)
		})
	}
}

func compareNodes(t *testing.T, s *heapsnap.Snapshot, want reference) {
	t.Helper()
	const shown = 5
	wrong := 0
	for n := range s.Nodes() {
		got := row{s.Dominator(n), s.ShallowSize(n), s.RetainedSize(n), s.Distance(n)}
		if got == want.rows[n] {
			continue
		}
		if wrong++; wrong <= shown {
			t.Errorf("node %d (%s %.40q): got %+v, want %+v", n, s.TypeName(s.Type(n)), s.Name(n), got, want.rows[n])
		}
	}
	t.Logf("%d of %d nodes differ", wrong, s.NodeCount())
}

func compareClasses(t *testing.T, s *heapsnap.Snapshot, want reference) {
	t.Helper()
	byKey := func(a, b heapsnap.Class) int { return strings.Compare(a.Key, b.Key) }
	got := slices.SortedFunc(slices.Values(s.Classes()), byKey)
	slices.SortFunc(want.Classes, byKey)
	if diff := cmp.Diff(want.Classes, got, cmpopts.IgnoreFields(heapsnap.Class{}, "Nodes")); diff != "" {
		t.Errorf("classes (-DevTools +ours):\n%s", diff)
	}
	t.Logf("%d classes", len(got))
}

func installDevTools(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/devtools")); err != nil {
		t.Fatal(err)
	}
	if err := testenv.InstallPackages(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// writeSnapshot has a program of some objects write one.
func writeSnapshot(t *testing.T, major, objects int) (path string) {
	t.Helper()
	node, err := testenv.FindNode(t.Context(), major)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "heap.heapsnapshot")
	run(t, "testdata", node.Path, "heap.js", path, fmt.Sprint(objects))
	return path
}

func analyseWithDevTools(t *testing.T, dir, file string) reference {
	t.Helper()
	out := filepath.Join(t.TempDir(), "reference")
	node, err := testenv.FindNode(t.Context(), 24)
	if err != nil {
		t.Fatal(err)
	}
	run(t, dir, node.Path, "reference.mjs", file, out)
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	line, data, _ := bytes.Cut(text, []byte{'\n'})
	var r reference
	if err := json.Unmarshal(line, &r); err != nil {
		t.Fatal(err)
	}
	r.rows = make([]row, r.Nodes)
	for i := range r.rows {
		var v [4]float64
		for k := range v {
			v[k] = math.Float64frombits(binary.LittleEndian.Uint64(data[(4*i+k)*8:]))
		}
		r.rows[i] = row{heapsnap.Node(v[0]), heapsnap.Bytes(v[1]), heapsnap.Bytes(v[2]), int(v[3])}
	}
	return r
}

func run(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(cmd.Args, " "), err, out)
	}
}
