package recording

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/leakcheck/leakcheck/sampler/recording/printable"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// FuzzRead: any input gives a recording that is valid, or a *FormatError.
func FuzzRead(f *testing.F) {
	whole := file(f, valid())
	f.Add(whole)
	f.Add(whole[:len(whole)-9])
	f.Add([]byte(unchained(whole))) // whose lines may be anything
	f.Add([]byte(`{"type":"header","schema":9}`))
	f.Add([]byte("{}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := Read(bytes.NewReader(text))
		var format *FormatError
		switch {
		case err != nil && !errors.As(err, &format):
			t.Errorf("error = %T %v, want *FormatError", err, err)
		case err == nil && r.CheckValid() != nil:
			t.Errorf("read an invalid recording: %v", r.CheckValid())
		}
	})
}

// What is written is read back, whatever it is.
func TestRoundTripAny(t *testing.T) {
	dir := t.TempDir()
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		want := drawRecording(rt)
		n++
		path := filepath.Join(dir, fmt.Sprint(n))
		write(t, path, want)
		got, err := ReadFile(path)
		if err != nil {
			rt.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Fatalf("read differs from written (-want +got):\n%s", diff)
		}
		var whole bytes.Buffer
		if err := Write(&whole, want); err != nil {
			rt.Fatal(err)
		}
		again, err := Read(&whole)
		if err != nil {
			rt.Fatal(err)
		}
		if diff := cmp.Diff(want, again); diff != "" {
			rt.Fatalf("read differs from written at once (-want +got):\n%s", diff)
		}
	})
}

func drawRecording(t *rapid.T) *Recording {
	r := &Recording{Header: drawHeader(t)}
	now := time.Duration(0)
	for range rapid.IntRange(0, 5).Draw(t, "observations") {
		o := drawObservation(t, len(r.Header.Endpoints), now)
		now = o.Sample.At
		r.Observations = append(r.Observations, o)
	}
	if rapid.Bool().Draw(t, "event") {
		r.Events = []Event{{At: now, Kind: TargetExited, Message: rapid.String().Draw(t, "message")}}
	}
	if rapid.Bool().Draw(t, "end") {
		r.End = &End{At: now, LoadShare: rapid.Float64Range(0, 1).Draw(t, "share")}
	}
	return r
}

func drawHeader(t *rapid.T) Header {
	name := rapid.StringN(1, 20, -1).Filter(func(s string) bool { return printable.CheckEndpoint(s) == nil })
	names := rapid.SliceOfNDistinct(name, 1, 4, printable.Alike).Draw(t, "names")
	h := Header{
		Schema:     Schema,
		RunID:      rapid.StringMatching(`([0-9a-z][0-9a-z.-]{0,20})?`).Draw(t, "run"),
		StartedAt:  time.Unix(rapid.Int64Range(0, 1<<33).Draw(t, "second"), rapid.Int64Range(0, 1e9-1).Draw(t, "ns")).UTC(),
		Confidence: rapid.Float64Range(0.51, 0.999).Draw(t, "confidence"),
		Seed:       rapid.Uint64().Draw(t, "seed"),
	}
	for _, name := range names {
		h.Endpoints = append(h.Endpoints, Endpoint{
			Name:   name,
			Rate:   unit.PerSecond(rapid.Float64Range(1e-9, 1e9).Draw(t, "rate")),
			Budget: unit.MBPerHour(rapid.Float64Range(1e-9, 1e9).Draw(t, "budget")),
		})
	}
	return h
}

func drawObservation(t *rapid.T, endpoints int, now time.Duration) Observation {
	step := func(what string) time.Duration { return time.Duration(rapid.Int64Range(0, 1e10).Draw(t, what)) }
	size := func(what string) unit.Bytes { return unit.Bytes(rapid.Int64Range(0, 1<<53).Draw(t, what)) }
	var o Observation
	o.Block = Block{Phase: Measure, Endpoint: rapid.IntRange(Mixed, endpoints-1).Draw(t, "endpoint"), Start: now + step("start"), Elapsed: step("elapsed")}
	load := func() Load {
		landed, failed := rapid.IntRange(0, 1e6).Draw(t, "landed"), rapid.IntRange(0, 1e6).Draw(t, "failed")
		return Load{Requests: landed + failed, Landed: landed, Failed: failed}
	}
	switch o.Block.Endpoint {
	case Idle:
	case Mixed:
		for range endpoints {
			part := load()
			o.Block.Parts = append(o.Block.Parts, part)
			o.Block.Load.Requests += part.Requests
			o.Block.Load.Landed += part.Landed
			o.Block.Load.Failed += part.Failed
		}
	default:
		o.Block.Load = load()
	}
	o.Sample = Sample{
		At: o.Block.Start + step("at"), Settled: rapid.Bool().Draw(t, "settled"),
		Heap:   Heap{Used: size("used"), Total: size("total")},
		Memory: Memory{External: size("external")},
		Procs:  []Process{{PID: 1, Name: rapid.String().Draw(t, "process"), RSS: size("rss")}},
	}
	o.Sample.Resources = map[string]int{rapid.String().Draw(t, "kind"): rapid.IntRange(0, 1e6).Draw(t, "count")}
	return o
}
