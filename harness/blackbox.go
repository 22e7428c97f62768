package harness

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/leakcheck/leakcheck/sampler"
	"github.com/leakcheck/leakcheck/sampler/evidence"
	"github.com/leakcheck/leakcheck/sampler/heapsnap"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/sampler/sources"
	"github.com/leakcheck/leakcheck/scenarios"
)

const (
	// blackBoxDir is the folder within the run's that Node writes into. What it
	// writes is raw: the folder is for its owner alone, and goes when it is read.
	blackBoxDir = "black-box"
	// deathSnapshot is the snapshot that is kept of it.
	deathSnapshot = "heap-at-death.heapsnapshot"
	// beforeWriting and afterWriting are how long a target that dies may take to
	// begin to write, and to end when a file is whole; longestWriting bounds all.
	beforeWriting  = 15 * time.Second
	afterWriting   = time.Minute
	longestWriting = 5 * time.Minute
	writingPoll    = 200 * time.Millisecond
	// maxGroups is how much of the heap is told.
	maxGroups = 5
)

// blackBox is the folder of a target that leaves something when it dies. Its
// zero value is that of one which does not.
type blackBox struct {
	dir string
}

func newBlackBox(s *scenarios.Scenario, o Options) (blackBox, error) {
	if !s.Diagnose.BlackBox {
		return blackBox{}, nil
	}
	dir, err := filepath.Abs(filepath.Join(o.Dir, blackBoxDir))
	return blackBox{dir: dir}, err
}

func (b blackBox) create() error {
	if b.dir == "" {
		return nil
	}
	return os.MkdirAll(b.dir, 0o700)
}

// remove leaves nothing of it.
func (b blackBox) remove() error {
	if b.dir == "" {
		return nil
	}
	return os.RemoveAll(b.dir)
}

// latest is the newest file with the ending, "" when there is none.
func (b blackBox) latest(ending string) (path string, changed time.Time) {
	if b.dir == "" {
		return "", changed
	}
	entries, err := os.ReadDir(b.dir)
	if err != nil {
		return "", changed
	}
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && strings.HasSuffix(e.Name(), ending) && info.ModTime().After(changed) {
			path, changed = filepath.Join(b.dir, e.Name()), info.ModTime()
		}
	}
	return path, changed
}

// isWhole says that a file of JSON was written to its end.
func isWhole(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return true // nothing to wait for
	}
	defer f.Close()
	end := make([]byte, 1)
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return err != nil
	}
	_, err = f.ReadAt(end, info.Size()-1)
	return err != nil || end[0] == '}' || end[0] == '\n'
}

// awaitLastWords waits while the target writes down what killed it, and says
// whether it has ended. Before it begins to write, and after, it collects garbage
// for a while and answers nothing: one that hangs is given some time.
func (r *run) awaitLastWords(ctx context.Context, cause error) bool {
	if r.target == nil || r.plan.blackBox.dir == "" {
		return false
	}
	var hung *sampler.HungError
	begin, hangs := time.Now(), errors.As(cause, &hung)
	for r.target.Exit() == nil && time.Since(begin) < longestWriting {
		path, changed := r.plan.blackBox.latest("")
		if path == "" && (!hangs || time.Since(begin) > beforeWriting) || path != "" && isWhole(path) && time.Since(changed) > afterWriting {
			return false
		}
		select {
		case <-r.target.Done():
		case <-time.After(writingPoll):
		case <-ctx.Done():
			return false
		}
	}
	return r.target.Exit() != nil
}

// autopsy reads what a target left that died of memory, and tells the caller.
func (r *run) autopsy() error {
	box := r.plan.blackBox
	if !r.dead || r.hooks.Death == nil {
		return box.remove()
	}
	x := autopsy{dir: r.plan.dir, keep: r.plan.keepSnapshots, root: r.plan.scenario.Target.Dir}
	if path, _ := box.latest(".json"); path != "" {
		x.readReport(path)
	}
	if path, _ := box.latest(".heapsnapshot"); path != "" {
		x.readSnapshot(path)
	}
	if found := x.found; found.Report != nil || found.Heap > 0 || len(found.Notes) > 0 {
		r.hooks.Death(found)
	}
	if err := box.remove(); err != nil {
		return fmt.Errorf("remove what the target left: %w", err)
	}
	return nil
}

// autopsy is the reading of what a target left.
type autopsy struct {
	dir, root string
	keep      KeepSnapshots
	found     evidence.Death
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
	if x.keep == KeepNone {
		return heapsnap.Open(path)
	}
	kept := filepath.Join(x.dir, deathSnapshot)
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
	if x.keep == KeepRaw {
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
