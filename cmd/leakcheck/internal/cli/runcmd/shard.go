package runcmd

import (
	"cmp"
	"slices"
	"time"
)

// split deals files out so that the parts take about the same time: the
// longest first, each to the part that has the least (Graham's LPT rule,
// 1969). A file of unknown duration counts as the mean of the known ones. The
// parts are a function of files and durations alone.
func split(files []string, durations map[string]time.Duration, parts int) [][]string {
	usual := mean(durations)
	length := func(file string) time.Duration {
		if d, ok := durations[file]; ok {
			return d
		}
		return usual
	}
	order := slices.Clone(files)
	slices.SortStableFunc(order, func(a, b string) int {
		return cmp.Or(cmp.Compare(length(b), length(a)), cmp.Compare(a, b))
	})
	out, loads := make([][]string, parts), make([]time.Duration, parts)
	for _, file := range order {
		least := slices.Index(loads, slices.Min(loads))
		out[least] = append(out[least], file)
		loads[least] += length(file)
	}
	return out
}

// mean is a minute when nothing is known.
func mean(durations map[string]time.Duration) time.Duration {
	if len(durations) == 0 {
		return time.Minute
	}
	var sum time.Duration
	for _, d := range durations {
		sum += d
	}
	return sum / time.Duration(len(durations))
}
