// Package rates reads from production's records how often each request is made
// there: from an access log in common or combined format, or from a snapshot
// of metrics in Prometheus' text format.
package rates

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/leakcheck/leakcheck/loadgen/infile"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// Options are what a file does not say. Zero values are for the file to say.
type Options struct {
	Over   time.Duration // that the file covers
	Metric string        // of a snapshot: the counter to read
}

// Hit is requests of one method and one path, or one route pattern.
type Hit struct {
	Method string
	Path   string // with its query, as it was sent; or the pattern: /users/:id
	Status int    // 0 when the file does not say
	Count  float64
}

// Coverage is what a file covers.
type Coverage struct {
	Over     time.Duration
	Requests float64 // understood
	Skipped  int     // lines that were not
}

// Rate is that of count requests.
func (c Coverage) Rate(count float64) unit.PerSecond {
	return unit.PerSecond(count / c.Over.Seconds())
}

// ErrEmpty is a file in which no request is recorded.
var ErrEmpty = errors.New("no request is recorded in it")

// ErrNoSpan is a file that does not say how long it counted.
var ErrNoSpan = errors.New("it does not say over what time it counted")

// head is how much of a file decides its format, in bytes.
const head = 64 << 10

// Read calls each for what the file records, which may be compressed by gzip.
// An access log is streamed, whatever its size.
func Read(path string, o Options, each func(Hit)) (Coverage, error) {
	f, err := infile.Open(path)
	if err != nil {
		return Coverage{}, err
	}
	defer f.Close()
	r := bufio.NewReaderSize(f, head)
	if magic, _ := r.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(r)
		if err != nil {
			return Coverage{}, fmt.Errorf("read gzip: %w", err)
		}
		r = bufio.NewReaderSize(z, head)
	}
	c, err := read(r, o, each)
	if err == nil && c.Requests == 0 {
		err = ErrEmpty
	}
	if err == nil && c.Over <= 0 {
		err = ErrNoSpan
	}
	return c, err
}

// IsSnapshot says whether text begins as metrics in Prometheus' text format do.
func IsSnapshot(text []byte) bool {
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			return bytes.HasPrefix(line, []byte("# HELP ")) || bytes.HasPrefix(line, []byte("# TYPE "))
		}
	}
	return false
}

func read(r *bufio.Reader, o Options, each func(Hit)) (Coverage, error) {
	start, err := r.Peek(head)
	if err != nil && !errors.Is(err, io.EOF) {
		return Coverage{}, err
	}
	if IsSnapshot(start) {
		return readSnapshot(r, o, each)
	}
	if o.Metric != "" {
		return Coverage{}, errors.New("metric is for snapshots, and this is none")
	}
	return readLog(r, o, each)
}
