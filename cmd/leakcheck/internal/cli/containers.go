//go:build !slim

package cli

import (
	"context"

	"github.com/leakcheck/leakcheck/harness/target/container"
)

// Cleaners remove what a run has made beside processes, for watchdog.Main. A
// build with the tag slim has none.
func Cleaners() []func(context.Context, string) error {
	return []func(context.Context, string) error{container.RemoveOrphans}
}
