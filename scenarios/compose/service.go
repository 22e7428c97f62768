package compose

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/leakcheck/leakcheck/scenarios"
)

// service is one that the target needs.
func (r *resolver) service(name string) scenarios.Service {
	c := r.project.Services[name]
	if name == "target" {
		r.refuse([]string{"services", name}, "rename it, or let it be the target: target: {container: {service: target}}", "a service cannot be named target: the app is")
	}
	return scenarios.Service{
		Name: name, ImageSpec: r.image(name, &c), Env: environment(c.Environment), Port: portOf(&c),
		Ready: r.ready(name, &c), DependsOn: slices.Sorted(maps.Keys(c.DependsOn)),
	}
}

// leastPatience is how long a service gets at least to become ready.
const leastPatience = time.Minute

// ready is by the health check, whose command is run here and not by the
// engine: not at its interval, and never while the app is measured.
func (r *resolver) ready(name string, c *types.ServiceConfig) scenarios.ServiceReady {
	ready := scenarios.ServiceReady{Timeout: leastPatience}
	if r.awaited(name, types.ServiceConditionCompletedSuccessfully) != "" {
		ready.Completed = true
		return ready
	}
	h := c.HealthCheck
	if h == nil || h.Disable || len(h.Test) == 0 || h.Test[0] == "NONE" {
		if by := r.awaited(name, types.ServiceConditionHealthy); by != "" {
			r.refuse([]string{"services", by, "depends_on", name}, "give it one, or condition: service_started",
				"%s waits for %s to be healthy, which has no healthcheck in this file", by, name)
		}
		return ready
	}
	ready.Timeout = max(ready.Timeout, patience(h))
	ready.Command = escapeAll(h.Test[1:])
	if h.Test[0] == "CMD-SHELL" {
		ready.Command = append([]string{"/bin/sh", "-c"}, ready.Command...)
	}
	return ready
}

// awaited is a service that waits for this one on the condition, or "".
func (r *resolver) awaited(name, condition string) string {
	for _, by := range slices.Sorted(maps.Keys(r.project.Services)) {
		if d, depends := r.project.Services[by].DependsOn[name]; depends && d.Condition == condition {
			return by
		}
	}
	return ""
}

// patience is after how long the engine would call the service unhealthy.
func patience(h *types.HealthCheckConfig) time.Duration {
	interval, retries := 30*time.Second, 3 // the engine's own defaults
	if h.Interval != nil {
		interval = time.Duration(*h.Interval)
	}
	if h.Retries != nil {
		retries = int(*h.Retries)
	}
	total := time.Duration(retries) * interval
	if h.StartPeriod != nil {
		total += time.Duration(*h.StartPeriod)
	}
	return total
}

// portOf is the first port that the service offers: published, or exposed.
func portOf(c *types.ServiceConfig) int {
	for _, p := range c.Ports {
		if p.Protocol != "udp" {
			return int(p.Target)
		}
	}
	for _, e := range c.Expose {
		number, protocol, _ := strings.Cut(e, "/")
		if port, err := strconv.Atoi(number); err == nil && protocol != "udp" {
			return port
		}
	}
	if port := c.Environment["PORT"]; port != nil {
		if number, err := strconv.Atoi(*port); err == nil && number > 0 {
			return number
		}
	}
	return 0
}

// environment has no entry for a variable that is not set where the file names
// it without a value.
func environment(given types.MappingWithEquals) map[string]string {
	env := map[string]string{}
	for name, value := range given {
		if value != nil {
			env[name] = escape(*value)
		}
	}
	return env
}

// hosts are the lines of a hosts file.
func hosts(given types.HostsList) []string {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(given)) {
		for _, address := range given[name] {
			lines = append(lines, fmt.Sprintf("%s:%s", name, address))
		}
	}
	return lines
}

// escape makes text one in which a scenario's templates stand for themselves.
func escape(text string) string { return strings.ReplaceAll(text, "{{", `{{"{{"}}`) }

func escapeAll(texts []string) []string {
	var out []string
	for _, text := range texts {
		out = append(out, escape(text))
	}
	return out
}
