package driver

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/leakcheck/leakcheck/loadgen"
)

const (
	maxLine   = 1 << 20 // bytes of one report
	maxReason = 200     // bytes that are kept of one
	maxQuoted = 80      // bytes that are shown of a line which is none
	maxMillis = 24 * 60 * 60 * 1000.0
	maxCount  = 1 << 40 // so that sums of them cannot overflow
)

// wire is a line of the driver's output.
type wire struct {
	Done    *int      `json:"done"`
	Failed  *int      `json:"failed"`
	Error   string    `json:"error"`
	Latency []float64 `json:"latency_ms"`
}

// errNoReport says that a line is no JSON object at all.
var errNoReport = errors.New("it is not a JSON object")

// parse reads one line. Keys that are not of the contract are errors, since
// what they say would be lost.
func parse(text []byte) (loadgen.Report, error) {
	var none loadgen.Report
	if text = bytes.TrimSpace(text); !bytes.HasPrefix(text, []byte("{")) {
		return none, errNoReport
	}
	var w wire
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&w); err != nil {
		return none, misread(err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return none, errors.New("something follows the report")
	}
	if w.Done == nil && w.Failed == nil {
		return none, errors.New("neither done nor failed is given")
	}
	return w.report()
}

// misread is err without the words of Go.
func misread(err error) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		want := "a whole number"
		switch wrong.Field {
		case "error":
			want = "a text"
		case "latency_ms":
			want = "a list of numbers"
		}
		return fmt.Errorf("%s: want %s, got %s", wrong.Field, want, wrong.Value)
	}
	return errors.New(strings.TrimPrefix(err.Error(), "json: "))
}

func (w *wire) report() (loadgen.Report, error) {
	var none loadgen.Report
	r := loadgen.Report{Reason: shorten(w.Error, maxReason)}
	for _, count := range []struct {
		key  string
		from *int
		to   *int
	}{{"done", w.Done, &r.Done}, {"failed", w.Failed, &r.Failed}} {
		if count.from == nil {
			continue
		}
		if *count.from < 0 || *count.from > maxCount {
			return none, fmt.Errorf("%s: %d is no number of operations", count.key, *count.from)
		}
		*count.to = *count.from
	}
	if len(w.Latency) > r.Done+r.Failed {
		return none, fmt.Errorf("latency_ms: %d of them for %d operations", len(w.Latency), r.Done+r.Failed)
	}
	for _, ms := range w.Latency {
		if ms < 0 || ms > maxMillis {
			return none, fmt.Errorf("latency_ms: %v is no time in milliseconds", ms)
		}
		r.Latencies = append(r.Latencies, time.Duration(ms*float64(time.Millisecond)))
	}
	return r, nil
}

// shorten is text as one line of at most n bytes.
func shorten(text string, n int) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) <= n {
		return text
	}
	for !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n] + "..."
}
