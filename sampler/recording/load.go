package recording

import "cmp"

// Add counts what p sent as well. The rate, the latencies and what was asked for stay
// those of l.
func (l *Load) Add(p *Load) {
	sent := cmp.Or(l.Sent, l.Requests) + cmp.Or(p.Sent, p.Requests)
	l.Requests += p.Requests
	l.Landed += p.Landed
	l.Failed += p.Failed
	l.Aborted += p.Aborted
	l.Expired += p.Expired
	l.Setups += p.Setups
	l.BytesIn += p.BytesIn
	l.BytesOut += p.BytesOut
	l.Saturated = l.Saturated || p.Saturated
	l.Statuses, l.Errors = addCounts(l.Statuses, p.Statuses), addCounts(l.Errors, p.Errors)
	if l.Sent = 0; sent != l.Requests {
		l.Sent = sent // flows are among them
	}
}

func addCounts(to, from map[string]int) map[string]int {
	for k, n := range from {
		if to == nil {
			to = map[string]int{}
		}
		to[k] += n
	}
	return to
}
