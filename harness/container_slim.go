//go:build slim

package harness

import (
	"github.com/leakcheck/leakcheck/harness/target"
	"github.com/leakcheck/leakcheck/scenarios"
)

// compileContainer refuses: the engine's client was left out of this build.
func compileContainer(s *scenarios.Scenario, _ Options, _ expansion, _ target.Ready) (starter, scenarios.Problems, error) {
	p := s.Problem("target.container", "this leakcheck was built without containers (tag slim)")
	p.Hint = "install it without -tags slim"
	return nil, scenarios.Problems{p}, nil
}
