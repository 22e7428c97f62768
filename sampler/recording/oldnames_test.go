package recording

import "testing"

// A kept file of version 3 is read with the names of now.
func TestReadVersion3(t *testing.T) {
	rec, err := ReadFile("testdata/version3.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var got struct{ advanced, disconnected, waited, probes int }
	for i := range rec.Observations {
		o := &rec.Observations[i]
		got.advanced += count(o.Sample.ClockAdvanced)
		got.disconnected += count(o.Sample.Disconnected)
		got.waited += count(o.Sample.Waited)
		got.probes += count(o.Block.Phase == ClockProbe)
	}
	want := got
	want.advanced, want.disconnected, want.waited, want.probes = 12, 45, 12, 1
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if kind := rec.Events[0].Kind; kind != MultipleProcesses {
		t.Errorf("event %q, want %q", kind, MultipleProcesses)
	}
}

func count(is bool) int {
	if is {
		return 1
	}
	return 0
}
