//go:build !slim

package harness

import (
	"github.com/leakcheck/leakcheck/scenarios"
	"github.com/leakcheck/leakcheck/scenarios/compose"
)

// resolveCompose replaces the name of a Compose file by the services in it. A
// build with the tag slim, which starts no containers, has another one.
func resolveCompose(s *scenarios.Scenario) (*scenarios.Scenario, []string, error) {
	return compose.Resolve(s)
}
