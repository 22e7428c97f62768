package heapsnap_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"go.uber.org/goleak"

	"github.com/leakcheck/leakcheck/sampler/heapsnap"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const meta = `"meta":{"node_fields":["type","name","id","self_size","edge_count","detachedness"],` +
	`"node_types":[["hidden","array","string","object","code","closure","regexp","number","native","synthetic"],"string","number","number","number","number"],` +
	`"edge_fields":["type","name_or_index","to_node"],` +
	`"edge_types":[["context","element","property","internal","hidden","shortcut","weak"],"string_or_number","node"],` +
	`"location_fields":["object_index","script_id","line","column"]}`

// small is a heap of a root, a global object that holds a list, and a string:
// kept.list = Array of "secret".
var small = document(4, 4,
	"9,0,1,0,2,0, 3,1,3,16,1,0, 3,2,5,32,1,0, 2,4,7,24,0,0",
	"5,3,6, 6,0,18, 2,3,12, 1,0,18",
	`"","global","Array","list","secret"`, "6,9,0,0")

func document(nodes, edges int, nodeText, edgeText, strings, locations string) string {
	return fmt.Sprintf("{\"snapshot\":{%s,\"node_count\":%d,\"edge_count\":%d,\"trace_function_count\":0},\n\"nodes\":[%s],\n\"edges\":[%s],\n"+
		"\"trace_function_infos\":[],\n\"trace_tree\":[[1,[2]],{\"a]\":\"}\\\"\"}],\n\"samples\":[],\n\"locations\":[%s],\n\"strings\":[%s]}\n",
		meta, nodes, edges, nodeText, edgeText, locations, strings)
}

func TestRead(t *testing.T) {
	var zipped bytes.Buffer
	zip := gzip.NewWriter(&zipped)
	fmt.Fprint(zip, small)
	zip.Close()
	for name, r := range map[string]io.Reader{
		"plain": strings.NewReader(small), "of unknown length": iotest.OneByteReader(strings.NewReader(small)),
		"gzip": &zipped, "half the data with the error": iotest.DataErrReader(strings.NewReader(small)),
	} {
		t.Run(name, func(t *testing.T) {
			s, err := heapsnap.Read(r)
			if err != nil {
				t.Fatal(err)
			}
			s.Analyze()
			if got := s.RetainedSize(0); got != 72 {
				t.Errorf("the root retains %d, want 16 + 32 + 24", got)
			}
			if got, want := s.Path(2).String(), "global.list -> Array"; got != want {
				t.Errorf("path: got %q, want %q", got, want)
			}
			if at, ok := s.Location(1); !ok || at.Script != 9 {
				t.Errorf("location: got %+v, %v, want script 9", at, ok)
			}
		})
	}
}

// What is no snapshot, or a hostile one, ends in a FormatError.
func TestReadBroken(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"empty":              {"", "ends early"},
		"no JSON":            {"hello", "found 'h'"},
		"a sampling profile": {`{"head":{"callFrame":{}}}`, "(.heapprofile), and no heap snapshot"},
		"another JSON":       {`{"a": 1}`, "no heap snapshot"},
		"only a description": {`{"snapshot":{` + meta + `,"node_count":1,"edge_count":0}}`, "no nodes"},
		"no fields":          {`{"snapshot":{"meta":{},"node_count":1}}`, `no field "type"`},
		"far too many nodes": {document(1<<28, 1<<31, "", "", "", ""), "ends early"},
		"negative count":     {document(-1, 0, "", "", "", ""), "node_count is -1"},
		"fewer nodes":        {strings.Replace(small, `"node_count":4`, `"node_count":5`, 1), "4 nodes, 5 were declared"},
		"more nodes":         {strings.Replace(small, `"node_count":4`, `"node_count":3`, 1), "more nodes than the 3"},
		"fewer edges":        {strings.Replace(small, `"edge_count":4`, `"edge_count":5`, 1), "4 edges, 5 were declared"},
		"edges of nodes":     {strings.Replace(small, "9,0,1,0,2,0", "9,0,1,0,9,0", 1), "nodes have more edges"},
		"part of a record":   {strings.Replace(small, "24,0,0]", "24,0]", 1), "incomplete"},
		"a fraction":         {strings.Replace(small, "3,16", "3,1.5", 1), "whole number"},
		"a negative number":  {strings.Replace(small, "3,16", "3,-5", 1), "whole number"},
		"a huge number":      {strings.Replace(small, "3,16", "3,99999999999999999999", 1), "whole number"},
		"a wide id":          {strings.Replace(small, "3,1,3,", "3,1,4294967296,", 1), "too large"},
		"two commas":         {strings.Replace(small, "3,16,1", "3,,1", 1), "whole number"},
		"unknown type":       {strings.Replace(small, "2,4,7", "77,4,7", 1), "type 77"},
		"edge to nowhere":    {strings.Replace(small, "1,0,18]", "1,0,600]", 1), "is no node"},
		"edge into a node":   {strings.Replace(small, "1,0,18]", "1,0,17]", 1), "middle of node"},
		"name of nothing":    {strings.Replace(small, "2,4,7", "2,44,7", 1), "string 44 of 5"},
		"location elsewhere": {strings.Replace(small, "[6,9,0,0]", "[600,9,0,0]", 1), "is no node"},
		"nodes twice":        {strings.Replace(small, `"samples"`, `"nodes"`, 1), "twice"},
		"open string":        {small[:len(small)-4], "ends early"},
		"no strings":         {strings.Replace(small, `"strings"`, `"others"`, 1), "no strings"},
		"half gzip":          {zip(small)[:100], "ends early"},
		"broken gzip":        {zip(small)[:60] + strings.Repeat("\xff", 200), "gzip"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := heapsnap.Read(strings.NewReader(c.text))
			if _, ok := errors.AsType[*heapsnap.FormatError](err); !ok || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want a FormatError with %q", err, c.want)
			}
			if strings.Contains(c.want, "ends early") && !errors.Is(err, heapsnap.ErrTruncated) {
				t.Errorf("got %v, want ErrTruncated", err)
			}
		})
	}
}

func zip(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	fmt.Fprint(w, text)
	w.Close()
	return b.String()
}

// Wherever a snapshot is cut off, it is said to be.
func TestReadTruncated(t *testing.T) {
	for n := range len(strings.TrimSpace(small)) {
		for _, r := range []io.Reader{strings.NewReader(small[:n]), iotest.HalfReader(strings.NewReader(small[:n]))} {
			if _, err := heapsnap.Read(r); !errors.Is(err, heapsnap.ErrTruncated) {
				t.Fatalf("cut off at %d: got %v, want ErrTruncated", n, err)
			}
		}
	}
}

func TestReadFailure(t *testing.T) {
	broken := errors.New("the network is gone")
	_, err := heapsnap.Read(io.MultiReader(strings.NewReader(small[:700]), iotest.ErrReader(broken)))
	if _, format := errors.AsType[*heapsnap.FormatError](err); format || !errors.Is(err, broken) {
		t.Errorf("got %v, want the reader's error", err)
	}
}

// A string that is longer than any block, and one in which all is escaped.
func TestReadLongStrings(t *testing.T) {
	long := strings.Repeat("x", 3<<20) + strings.Repeat(`\"\\`, 1<<19)
	s, err := heapsnap.Read(strings.NewReader(strings.Replace(small, `"secret"`, `"`+long+`"`, 1)))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := s.Name(3), strings.Repeat("x", 3<<20)+strings.Repeat(`"\`, 1<<19); got != want {
		t.Errorf("got %d bytes, want %d", len(got), len(want))
	}
}

// A stream that announces more than it holds takes no memory for it.
func TestReadTrustsNoCount(t *testing.T) {
	text := document(1<<29-2, 1<<32-2, "9,0,1,0,0,0", "", `""`, "")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := heapsnap.Read(iotest.OneByteReader(strings.NewReader(text)))
	runtime.ReadMemStats(&after)
	if err == nil {
		t.Error("got no error")
	}
	const most = 64 << 20
	if took := after.TotalAlloc - before.TotalAlloc; took > most {
		t.Errorf("allocated %d MiB, want less than %d", took>>20, most>>20)
	}
}

// FuzzRead wants a snapshot that can be analysed, or a FormatError.
func FuzzRead(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte(zip(small)))
	f.Add([]byte(document(3, 4, "9,0,1,0,1,0, 3,1,3,16,2,1, 8,2,5,32,1,2", "5,3,6, 2,3,12, 3,4,6, 2,0,12",
		`"","Object","<div id>","list","1 / part of key (a @3) -> value (b @5) pair in WeakMap (table @5)"`, "6,9,0,0,6,1,1,1")))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := heapsnap.Redact(io.Discard, bytes.NewReader(data))
		if err != nil {
			if _, ok := errors.AsType[*heapsnap.FormatError](err); !ok {
				t.Fatalf("got %T %v, want a FormatError", err, err)
			}
			return
		}
		s.Analyze()
		heapsnap.Compare(s.Census(), s.Census())
		for n := range s.Nodes() {
			_ = s.Path(n).String()
		}
	})
}

// What is analysed of a real heap holds together, by the definitions.
func TestDefinitions(t *testing.T) {
	if testing.Short() {
		t.Skip("needs node")
	}
	s, err := heapsnap.Open(writeSnapshot(t, 24, 200))
	if err != nil {
		t.Fatal(err)
	}
	var sum heapsnap.Bytes
	for n := range s.Nodes() {
		sum += s.SelfSize(n)
		d := s.Dominator(n)
		if n != s.Root() && (d == n || s.RetainedSize(d) < s.RetainedSize(n)) {
			t.Fatalf("node %d retains %d, its dominator %d only %d", n, s.RetainedSize(n), d, s.RetainedSize(d))
		}
	}
	if got := s.RetainedSize(s.Root()); got != sum {
		t.Errorf("the root retains %d, want all %d", got, sum)
	}
	if grown := heapsnap.Compare(s.Census(), s.Census()); len(grown) > 0 {
		t.Errorf("a snapshot differs from itself: %+v", grown[0])
	}
}

// What would fill the memory is refused before it does: by what it takes, or by how
// much smaller it was made.
func TestReadTooLarge(t *testing.T) {
	large := strings.Replace(small, `"secret"`, `"`+strings.Repeat("s", 100e6)+`"`, 1)
	for name, c := range map[string]struct {
		text   string
		memory heapsnap.Bytes
		want   error
	}{
		"plain":      {large, 0, nil},
		"within":     {large, 201e6, nil},
		"beyond":     {large, 199e6, heapsnap.ErrTooLarge},
		"compressed": {zip(large), 0, heapsnap.ErrTooLarge},
		"small":      {zip(small), 1e6, nil},
	} {
		_, err := heapsnap.ReadWithin(strings.NewReader(c.text), c.memory)
		if _, format := errors.AsType[*heapsnap.FormatError](err); !errors.Is(err, c.want) || format != (c.want != nil) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}
