package archive

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/outfile"
	"github.com/leakcheck/leakcheck/harness"
	"github.com/leakcheck/leakcheck/verdict/diagnose"
	"github.com/leakcheck/leakcheck/verdict/report"
)

// What a run leaves beside the recording, as JSON.
const (
	verdictFile   = "verdict.json"
	diagnosisFile = "diagnosis.json" // only of what leaks
)

// pageFile is the report for people, beside them.
const pageFile = "report.html"

// Folder holds all that one run leaves behind.
type Folder struct {
	ID  string // "20261121-150405-ab12cd"
	Dir string
}

// NewFolder names the folder of a new run below runs, for create to make.
func NewFolder(runs string) *Folder {
	id := newRunID(time.Now())
	return &Folder{ID: id, Dir: filepath.Join(runs, id)}
}

// Create makes the folder, for its owner alone: the target's output is in it.
func (f *Folder) Create() error {
	err := os.MkdirAll(filepath.Dir(f.Dir), 0o755)
	if err == nil {
		err = os.Mkdir(f.Dir, 0o700)
	}
	if err == nil {
		err = IgnoreOurs(filepath.Dir(filepath.Dir(f.Dir)))
	}
	if err != nil {
		return command.BadMachine("is the disk full, or the folder not writable? --runs-dir names another", "make run folder: %w", err)
	}
	return nil
}

// Log is the path of what the target printed, "" when that is nothing.
func (f *Folder) Log() string {
	path := filepath.Join(f.Dir, harness.LogFile)
	if info, err := os.Stat(path); err != nil || info.Size() == 0 {
		return ""
	}
	return path
}

// newRunID is sortable by time, and unique among runs of one second.
func newRunID(now time.Time) string {
	var unique [3]byte
	_, _ = rand.Read(unique[:]) // never fails, as documented
	return now.UTC().Format("20060102-150405") + "-" + hex.EncodeToString(unique[:])
}

// IgnoreOurs keeps .leakcheck out of git. A folder of the user's choice may
// hold other things, and is left alone.
func IgnoreOurs(dir string) error {
	if filepath.Base(dir) != ".leakcheck" {
		return nil
	}
	f, err := os.OpenFile(filepath.Join(dir, ".gitignore"), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, os.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = f.WriteString("*\n")
	return errors.Join(err, f.Close())
}

// Store writes verdict.json and report.html, each in one step, so that no
// reader sees half.
func (f *Folder) Store(doc report.Document) error {
	err := errors.Join(
		outfile.Atomic(filepath.Join(f.Dir, verdictFile), func(w io.Writer) error { return report.JSON(w, doc) }),
		outfile.Atomic(filepath.Join(f.Dir, pageFile), func(w io.Writer) error { return report.HTML(w, report.Of(doc)) }),
	)
	if err != nil {
		return command.BadMachine("is the disk full?", "store verdict: %w", err)
	}
	return nil
}

// StoreDiagnosis writes diagnosis.json, if there is a diagnosis.
func (f *Folder) StoreDiagnosis(d *diagnose.Diagnosis) error {
	if d == nil {
		return nil
	}
	path := filepath.Join(f.Dir, diagnosisFile)
	if err := outfile.Atomic(path, func(w io.Writer) error { return report.DiagnosisJSON(w, d) }); err != nil {
		return command.BadMachine("is the disk full?", "store diagnosis: %w", err)
	}
	return nil
}
