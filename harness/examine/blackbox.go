package examine

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/leakcheck/leakcheck/harness/target"
	"github.com/leakcheck/leakcheck/sampler/evidence"
)

const (
	// blackBoxDir is the folder within the run's that Node writes into. What it
	// writes is raw: the folder is for its owner alone, and goes when it is read.
	blackBoxDir = "black-box"
	// beforeWriting and afterWriting are how long a target that dies may take to
	// begin to write, and to end when a file is whole; longestWriting bounds all.
	beforeWriting  = 15 * time.Second
	afterWriting   = time.Minute
	longestWriting = 5 * time.Minute
	writingPoll    = 200 * time.Millisecond
)

// BlackBox is the folder of a target that leaves something when it dies. Its zero
// value is that of one which does not.
type BlackBox struct {
	Dir string // absolute
}

// NewBlackBox is the one in a run's folder.
func NewBlackBox(runDir string) (BlackBox, error) {
	dir, err := filepath.Abs(filepath.Join(runDir, blackBoxDir))
	return BlackBox{Dir: dir}, err
}

// Create makes the folder.
func (b BlackBox) Create() error {
	if b.Dir == "" {
		return nil
	}
	return os.MkdirAll(b.Dir, 0o700)
}

// Remove leaves nothing of it.
func (b BlackBox) Remove() error {
	if b.Dir == "" {
		return nil
	}
	return os.RemoveAll(b.Dir)
}

// latest is the newest file with the ending, "" when there is none.
func (b BlackBox) latest(ending string) (path string, changed time.Time) {
	if b.Dir == "" {
		return "", changed
	}
	entries, err := os.ReadDir(b.Dir)
	if err != nil {
		return "", changed
	}
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && strings.HasSuffix(e.Name(), ending) && info.ModTime().After(changed) {
			path, changed = filepath.Join(b.Dir, e.Name()), info.ModTime()
		}
	}
	return path, changed
}

// isWhole reports whether a file of JSON was written to its end.
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

// Await waits while the target writes down what killed it, and reports whether it
// has ended. Before it begins to write, and after, it collects garbage for a while
// and answers nothing: one that hangs is given some time.
func (b BlackBox) Await(ctx context.Context, t target.Target, hangs bool) bool {
	if b.Dir == "" {
		return false
	}
	begin := time.Now()
	for t.Exit() == nil && time.Since(begin) < longestWriting {
		path, changed := b.latest("")
		if path == "" && (!hangs || time.Since(begin) > beforeWriting) || path != "" && isWhole(path) && time.Since(changed) > afterWriting {
			return false
		}
		select {
		case <-t.Done():
		case <-time.After(writingPoll):
		case <-ctx.Done():
			return false
		}
	}
	return t.Exit() != nil
}

// Read is what a target left that died of memory; ok is false when it left
// nothing. The app's own files are below root.
func (b BlackBox) Read(o Options, root string) (found evidence.Death, ok bool) {
	x := autopsy{options: o, root: root}
	if path, _ := b.latest(".json"); path != "" {
		x.readReport(path)
	}
	if path, _ := b.latest(".heapsnapshot"); path != "" {
		x.readSnapshot(path)
	}
	return x.found, x.found.Report != nil || x.found.Heap > 0 || len(x.found.Notes) > 0
}
