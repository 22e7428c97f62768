package series

import (
	"path"
	"slices"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// Strip returns a copy without what no verdict reads: latencies, heap spaces but
// for code's, the machine, and where things were on it.
func Strip(rec *recording.Recording) *recording.Recording {
	out := *rec
	h := &out.Header
	h.RunID = ""
	h.Scenario.Path = path.Base(h.Scenario.Path)
	h.Environment = recording.Environment{OS: h.Environment.OS, Arch: h.Environment.Arch, CPUs: h.Environment.CPUs, Node: h.Environment.Node}
	out.Observations = slices.Clone(rec.Observations)
	for i := range out.Observations {
		strip(&out.Observations[i])
	}
	return &out
}

func strip(o *recording.Observation) {
	l, s := &o.Block.Load, &o.Sample
	l.Statuses, l.BytesIn, l.BytesOut, l.Latency = nil, 0, 0, recording.Latency{}
	s.Heap.Spaces, s.Loop = codeSpaces(s.Heap.Spaces), recording.Loop{}
	s.Procs = slices.Clone(s.Procs)
	for i := range s.Procs {
		s.Procs[i].FDs = 0 // the resources count them
	}
}

// codeSpaces are the spaces of compiled code, which a verdict reads.
func codeSpaces(all map[string]unit.Bytes) map[string]unit.Bytes {
	kept := map[string]unit.Bytes{}
	for _, name := range []string{"code_space", "code_large_object_space"} {
		if size, ok := all[name]; ok {
			kept[name] = size
		}
	}
	if len(kept) == 0 {
		return nil
	}
	return kept
}
