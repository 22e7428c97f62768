package container

import (
	"context"
	"encoding/json"
	"fmt"

	engineapi "github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"github.com/leakcheck/leakcheck/sampler/procmem"
	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// Containers measures the app's container and those of the services that run.
func (c *Container) Containers(ctx context.Context) ([]recording.Container, error) {
	var all []recording.Container
	for _, i := range c.all {
		if !i.running() {
			continue
		}
		m, err := i.measure(ctx)
		if err != nil {
			return nil, err
		}
		if i == c.app {
			all = append([]recording.Container{m}, all...)
			continue
		}
		all = append(all, m)
	}
	return all, nil
}

func (i *instance) measure(ctx context.Context) (recording.Container, error) {
	m := recording.Container{Name: i.name, Limit: i.limit}
	if i.root > 0 { // on this machine, where nothing is waited for
		m.OOMKills, _ = procmem.OOMKills(i.root) // 0 where it is not told
		if g, err := procmem.MemoryOf(i.root); err == nil {
			m.WorkingSet, m.Anonymous = unit.Bytes(g.Usage-min(g.Usage, g.Droppable)), unit.Bytes(g.Anonymous)
			return m, nil
		}
	}
	answer, err := i.engine.api.ContainerStats(ctx, i.id, client.ContainerStatsOptions{})
	if err != nil {
		return m, fmt.Errorf("measure container %s: %w", i.name, err)
	}
	defer answer.Body.Close()
	var stats engineapi.StatsResponse
	if err := json.NewDecoder(answer.Body).Decode(&stats); err != nil {
		return m, fmt.Errorf("measure container %s: %w", i.name, err)
	}
	m.WorkingSet, m.Anonymous = working(stats.MemoryStats)
	return m, nil
}

// working gives the working set and its anonymous part. The names differ
// between control groups v1 (total_...) and v2.
func working(m engineapi.MemoryStats) (set, anonymous unit.Bytes) {
	either := func(v1, v2 string) uint64 {
		if v, ok := m.Stats[v1]; ok {
			return v
		}
		return m.Stats[v2]
	}
	droppable := min(m.Usage, either("total_inactive_file", "inactive_file"))
	return unit.Bytes(m.Usage - droppable), unit.Bytes(either("total_rss", "anon"))
}
