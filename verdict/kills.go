package verdict

import (
	"fmt"

	"github.com/leakcheck/leakcheck/sampler/recording"
)

// kills warns of processes in the target's containers that the kernel ended at
// a memory limit while the run went on: what they held went with them.
func (j *judge) kills() []Warning {
	var last []recording.Container // with the highest count, in the order of their first sample
	for i := range j.rec.Observations {
		for _, c := range j.rec.Observations[i].Sample.Containers {
			last = keepMost(last, c)
		}
	}
	var w []Warning
	for _, c := range last {
		if c.OOMKills > 0 {
			w = append(w, Warning{WarnOOMKill, killed(c)})
		}
	}
	return w
}

func keepMost(all []recording.Container, c recording.Container) []recording.Container {
	for i := range all {
		if all[i].Name == c.Name {
			if c.OOMKills > all[i].OOMKills {
				all[i] = c
			}
			return all
		}
	}
	return append(all, c)
}

func killed(c recording.Container) string {
	what := "a process"
	if c.OOMKills > 1 {
		what = fmt.Sprintf("%d processes", c.OOMKills)
	}
	limit := ""
	if c.Limit > 0 {
		limit = " of " + c.Limit.String()
	}
	return fmt.Sprintf("the kernel ended %s in the container %s at its memory limit%s", what, c.Name, limit)
}
