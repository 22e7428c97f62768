// Package series is recordings of real runs, kept small: what a verdict reads of
// them and nothing else, compressed. A folder of them has an index that says
// what is known of each.
package series

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/leakcheck/leakcheck/sampler/recording"
)

// Extension ends the name of a series' file: gzip over the recording's format.
const Extension = ".jsonl.gz"

// ReadFile reads one series.
func ReadFile(path string) (*recording.Recording, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open series: %w", err)
	}
	defer f.Close()
	rec, err := read(f)
	if err != nil {
		return nil, fmt.Errorf("read series %s: %w", path, err)
	}
	return rec, nil
}

func read(r io.Reader) (*recording.Recording, error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, err
	}
	return recording.Read(z)
}

// Write writes a recording as a series, stripped by Strip before.
func Write(w io.Writer, rec *recording.Recording) error {
	z, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return fmt.Errorf("write series: %w", err)
	}
	if err := errors.Join(recording.Write(z, rec), z.Close()); err != nil {
		return fmt.Errorf("write series: %w", err)
	}
	return nil
}
