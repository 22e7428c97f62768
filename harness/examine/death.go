package examine

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/leakcheck/leakcheck/sampler/evidence"
	"github.com/leakcheck/leakcheck/sampler/heapsnap"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/sampler/sources"
)

const (
	// deathSnapshot is the snapshot that is kept of a target which died.
	deathSnapshot = "heap-at-death.heapsnapshot.gz"
	// maxGroups is how much of the heap is told.
	maxGroups = 5
)

// autopsy is the reading of what a target left.
type autopsy struct {
	options Options
	root    string // where the app's own files are
	found   evidence.Death
}

func (x *autopsy) note(what string, err error) {
	x.found.Notes = append(x.found.Notes, fmt.Sprintf("%s: %v", what, err))
}

// readReport takes from Node's report what is of use, and nothing of the
// environment.
func (x *autopsy) readReport(path string) {
	text, err := os.ReadFile(path)
	var doc struct {
		Header     struct{ Event string }
		Javascript struct {
			UsedMemory, MemoryLimit unit.Bytes
		} `json:"javascriptHeap"`
		JavascriptStack struct{ Stack []string }
		ResourceUsage   struct {
			RSS json.Number `json:"rss"` // a text on some versions of Node
		}
	}
	if err == nil {
		err = json.Unmarshal(text, &doc)
	}
	if err != nil {
		x.note("diagnostic report", err)
		return
	}
	rss, _ := doc.ResourceUsage.RSS.Int64()
	x.found.Report = &evidence.FatalReport{
		Event: doc.Header.Event, Used: doc.Javascript.UsedMemory, Limit: doc.Javascript.MemoryLimit, RSS: unit.Bytes(rss),
		Stack: slices.DeleteFunc(doc.JavascriptStack.Stack, func(line string) bool { return line == "Unavailable." }),
	}
}

// readSnapshot finds what filled the heap, and keeps the snapshot as the plan
// says.
func (x *autopsy) readSnapshot(path string) {
	s, err := x.keepSnapshot(path)
	if err != nil {
		x.note("heap snapshot", err)
		return
	}
	x.found.Heap = unit.Bytes(s.TotalSize())
	search := newFileSearch(s, x.root)
	for _, g := range s.Largest(maxGroups) {
		x.found.Groups = append(x.found.Groups, search.group(g))
	}
}

func (x *autopsy) keepSnapshot(path string) (*heapsnap.Snapshot, error) {
	if x.options.Keep == KeepNone {
		return heapsnap.Open(path)
	}
	kept := filepath.Join(x.options.Dir, deathSnapshot)
	s, err := x.copySnapshot(kept, path)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(kept))
	}
	x.found.File = deathSnapshot
	return s, nil
}

func (x *autopsy) copySnapshot(kept, path string) (*heapsnap.Snapshot, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if x.options.Keep == KeepRaw {
		return saveRaw(kept, f)
	}
	return heapsnap.SaveRedacted(kept, f)
}

// fileSearch finds the lines that keep things in the files of an app that has
// ended.
type fileSearch struct {
	resolver *sources.Resolver
	scripts  []string // the app's own
}

// diskFiles reads from this machine.
type diskFiles struct{}

func (diskFiles) ReadFile(path string) (string, error) {
	text, err := os.ReadFile(path)
	return string(text), err
}

func (diskFiles) SourceMap(string) string { return "" }

func newFileSearch(s *heapsnap.Snapshot, root string) *fileSearch {
	f := &fileSearch{resolver: sources.New(diskFiles{}, root)}
	for _, script := range s.Scripts() {
		if f.resolver.Frame("", script, 1, 1).Origin == evidence.App {
			f.scripts = append(f.scripts, script)
		}
	}
	return f
}

// group puts a group into words, with the one line that puts objects there.
func (f *fileSearch) group(g heapsnap.Group) evidence.Group {
	out := evidence.Group{
		Class: g.Class, Count: g.Count, Chain: g.Chain, Retained: unit.Bytes(g.Retained), Path: words(g.Path), Closures: g.Class == "Function",
	}
	entry, ok := g.Path.Container()
	if g.Chain {
		entry, ok = g.Path.Entry(func(heapsnap.Node) bool { return true })
	}
	if !ok {
		return out
	}
	out.Holder = entry.Name
	if out.Line = f.line(entry, g.Path[0].Function); out.Line != nil {
		out.LooksUp = f.resolver.LooksUp(*out.Line, entry.Name)
	}
	return out
}

// line is the only one which puts something under the entry's name: in the file
// whose variable begins the path, or else in all of the app's.
func (f *fileSearch) line(e heapsnap.Entry, first *heapsnap.Function) *evidence.Frame {
	kind := kindOf(e)
	if first != nil {
		if line := f.resolver.OnlyKeptAt(f.resolver.Frame("", first.Script, 1, 1), e.Name, kind); line != nil {
			return line
		}
	}
	var only *evidence.Frame
	for _, script := range f.scripts {
		line := f.resolver.OnlyKeptAt(f.resolver.Frame("", script, 1, 1), e.Name, kind)
		if line != nil && only != nil {
			return nil
		}
		if line != nil {
			only = line
		}
	}
	return only
}
