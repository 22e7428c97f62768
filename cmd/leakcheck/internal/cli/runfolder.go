package cli

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"time"

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

// runFolder holds all that one run leaves behind.
type runFolder struct {
	id  string // "20261121-150405-ab12cd"
	dir string
}

// newRunFolder names the folder of a new run below runs, for create to make.
func newRunFolder(runs string) *runFolder {
	id := newRunID(time.Now())
	return &runFolder{id: id, dir: filepath.Join(runs, id)}
}

func (f *runFolder) create() error {
	err := os.MkdirAll(f.dir, 0o755)
	if err == nil {
		err = ignoreOurs(filepath.Dir(filepath.Dir(f.dir)))
	}
	if err != nil {
		return badMachine("is the disk full, or the folder not writable? --runs-dir names another", "make run folder: %w", err)
	}
	return nil
}

// log is the path of what the target printed, "" when that is nothing.
func (f *runFolder) log() string {
	path := filepath.Join(f.dir, harness.LogFile)
	if info, err := os.Stat(path); err != nil || info.Size() == 0 {
		return ""
	}
	return path
}

// newRunID is sortable by time, and unique among runs of one second.
func newRunID(now time.Time) string {
	return now.UTC().Format("20060102-150405") + "-" + hex.EncodeToString(random(3))
}

func randomSeed() uint64 {
	const positive = 1<<53 - 1 // what JSON readers keep exactly
	return max(1, binary.LittleEndian.Uint64(random(8))&positive)
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails, as documented
	return b
}

// ignoreOurs keeps .leakcheck out of git. A folder of the user's choice may
// hold other things, and is left alone.
func ignoreOurs(dir string) error {
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

// store writes verdict.json and report.html, each in one step, so that no
// reader sees half.
func (f *runFolder) store(doc report.Document) error {
	err := errors.Join(
		outfile.Atomic(filepath.Join(f.dir, verdictFile), func(w io.Writer) error { return report.JSON(w, doc) }),
		outfile.Atomic(filepath.Join(f.dir, pageFile), func(w io.Writer) error { return report.HTML(w, report.Of(doc)) }),
	)
	if err != nil {
		return badMachine("is the disk full?", "store verdict: %w", err)
	}
	return nil
}

// storeDiagnosis writes diagnosis.json, if there is a diagnosis.
func (f *runFolder) storeDiagnosis(d *diagnose.Diagnosis) error {
	if d == nil {
		return nil
	}
	path := filepath.Join(f.dir, diagnosisFile)
	if err := outfile.Atomic(path, func(w io.Writer) error { return report.DiagnosisJSON(w, d) }); err != nil {
		return badMachine("is the disk full?", "store diagnosis: %w", err)
	}
	return nil
}
