package recording

import "time"

// Spent adds up where the time of the observations went. The end's own time is
// not in it.
func (r *Recording) Spent() End {
	var end End
	var load, from, to time.Duration
	for i := range r.Observations {
		o := &r.Observations[i]
		if i == 0 {
			end.LaunchTime = o.Block.Start
		}
		if o.Block.Phase == WarmUp {
			end.WarmUpTime = o.Sample.At - end.LaunchTime
			continue
		}
		if from == 0 {
			from = o.Block.Start
		}
		to = o.Block.Start + o.Block.Elapsed + o.Sample.Took
		end.SampleTime += o.Sample.Took
		if o.Block.Endpoint != Idle {
			load += o.Block.Elapsed
		}
	}
	end.MeasureTime = to - from
	if end.MeasureTime > 0 {
		end.LoadShare = float64(load) / float64(end.MeasureTime)
	}
	return end
}
