package harness

import (
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording"
)

// finishRecording writes the end line and closes the file, once; what happens
// later is not recorded. An error is the first that the writer had, which may
// have ended the run.
func (r *run) finishRecording() error {
	if r.writer == nil {
		return nil
	}
	end := r.summary()
	r.rec.End = &end
	_ = r.writer.End(end) // Close returns the same
	err := r.writer.Close()
	r.writer = nil
	return err
}

// summary adds up where the time went.
func (r *run) summary() recording.End {
	end := recording.End{At: time.Since(r.started), Decided: r.decided}
	var load, from, to time.Duration
	for i := range r.rec.Observations {
		o := &r.rec.Observations[i]
		if i == 0 {
			end.LaunchTime = o.Block.Start
		}
		if o.Block.Phase == recording.WarmUp {
			end.WarmUpTime = o.Sample.At - end.LaunchTime
			continue
		}
		if from == 0 {
			from = o.Block.Start
		}
		to = o.Block.Start + o.Block.Elapsed + o.Sample.Took
		end.SampleTime += o.Sample.Took
		if o.Block.Endpoint != recording.Idle {
			load += o.Block.Elapsed
		}
	}
	end.MeasureTime = to - from
	if end.MeasureTime > 0 {
		end.LoadShare = float64(load) / float64(end.MeasureTime)
	}
	return end
}
