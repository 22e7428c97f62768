package harness

import (
	"fmt"
	"path/filepath"

	"github.com/leakcheck/leakcheck/harness/driver"
	"github.com/leakcheck/leakcheck/scenarios"
)

// addDriver gives the request of endpoint i the driver that its scenario names.
func (p *Plan) addDriver(s *scenarios.Scenario, i int, runID string) {
	if command := s.Endpoints[i].Exec; len(command) > 0 {
		p.requests[i].Driver = driver.New(driver.Options{Command: command, Dir: scenarioDir(s), RunID: runID})
	}
}

// driverOf is nil for an endpoint of requests.
func (p *Plan) driverOf(i int) *driver.Driver {
	d, _ := p.requests[i].Driver.(*driver.Driver)
	return d
}

// checkDrivers finds the drivers that this machine cannot start.
func (p *Plan) checkDrivers(s *scenarios.Scenario) scenarios.Problems {
	var problems scenarios.Problems
	for i := range p.requests {
		d := p.driverOf(i)
		if d == nil {
			continue
		}
		if _, err := d.Program(); err != nil {
			problem := s.Problem(fmt.Sprintf("endpoints[%d].exec[0]", i), fmt.Sprintf("exec: %v", err))
			problem.Hint = "a name is looked for on PATH; one with a slash is relative to this file, and must be executable"
			problems = append(problems, problem)
		}
	}
	return problems
}

// scenarioDir is absolute: where its drivers start.
func scenarioDir(s *scenarios.Scenario) string {
	dir := filepath.Dir(s.Path)
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	return dir
}
