package cli

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// shard is one part of a suite, counted from 1. The zero value is all of it.
type shard struct{ index, of int }

func (s shard) String() string { return fmt.Sprintf("%d/%d", s.index, s.of) }

func parseShard(r raw) (shard, error) {
	var s shard
	if r.text == "" {
		return s, nil
	}
	_, err := fmt.Sscanf(r.text, "%d/%d", &s.index, &s.of)
	if err != nil || s.String() != r.text || s.index < 1 || s.index > s.of {
		return shard{}, badUsage("the first of five parts is 1/5", "%s: %q is not a part such as 2/5", r.origin, r.text)
	}
	return s, nil
}

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

// recordedDurations are how long the latest run of each scenario below dir
// took, by the scenario's path.
func recordedDurations(dir string) map[string]time.Duration {
	out := map[string]time.Duration{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return out // no runs yet
	}
	for _, e := range entries { // by time, so that the latest stays
		s, err := readStored(filepath.Join(dir, e.Name()))
		if err == nil && s.Run.Total > 0 {
			out[s.Scenario.Path] = time.Duration(s.Run.Total * float64(time.Second))
		}
	}
	return out
}

func without(keys []string, key string) []string {
	return slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return k == key })
}
