package recording

import "encoding/json"

// renamed is the version that has the names of now.
const renamed = 4

// The values of files before that version.
const (
	oldClockProbe        Phase     = "look"
	oldMultipleProcesses EventKind = "shared-port"
)

// oldNames are the keys of an observation before version 4.
type oldNames struct {
	Sample struct {
		Forward bool `json:"forward"`
		Quiet   bool `json:"quiet"`
		Drained bool `json:"drained"`
	} `json:"sample"`
}

// decodeObservation reads an observation of any version.
func (r *reading) decodeObservation(text []byte, o *Observation) error {
	if err := json.Unmarshal(text, o); err != nil || r.Header.Schema >= renamed {
		return err
	}
	var old oldNames
	if err := json.Unmarshal(text, &old); err != nil {
		return err
	}
	s := &o.Sample
	s.ClockAdvanced, s.Disconnected, s.Waited = old.Sample.Forward, old.Sample.Quiet, old.Sample.Drained
	if o.Block.Phase == oldClockProbe {
		o.Block.Phase = ClockProbe
	}
	return nil
}

// decodeEvent reads an event of any version.
func (r *reading) decodeEvent(text []byte, e *Event) error {
	err := json.Unmarshal(text, e)
	if r.Header.Schema < renamed && e.Kind == oldMultipleProcesses {
		e.Kind = MultipleProcesses
	}
	return err
}
