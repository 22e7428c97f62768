package recording

import (
	"fmt"
	"io"
)

// Write writes a whole recording, as Read reads it. Events stand where they
// happened.
func Write(w io.Writer, r *Recording) error {
	if err := r.write(w); err != nil {
		return fmt.Errorf("write recording: %w", err)
	}
	return nil
}

func (r *Recording) write(w io.Writer) error {
	header := r.Header
	header.Schema = Schema
	var sums chain
	if err := sums.write(w, typedHeader{headerLine, header}); err != nil {
		return err
	}
	events := r.Events
	for _, o := range r.Observations {
		for len(events) > 0 && events[0].At < o.Sample.At {
			if err := sums.write(w, typedEvent{eventLine, events[0]}); err != nil {
				return err
			}
			events = events[1:]
		}
		if err := sums.write(w, typedObservation{observationLine, o}); err != nil {
			return err
		}
	}
	for _, e := range events {
		if err := sums.write(w, typedEvent{eventLine, e}); err != nil {
			return err
		}
	}
	if r.End == nil {
		return nil
	}
	return sums.write(w, typedEnd{endLine, *r.End})
}
