package cli

import (
	"context"
	"errors"

	"github.com/leakcheck/leakcheck/harness/target"
	"github.com/leakcheck/leakcheck/harness/target/container"
)

// Cleaners remove what a run has made beside processes, for watchdog.Main.
func Cleaners() []func(context.Context, string) error {
	return []func(context.Context, string) error{container.RemoveOrphans}
}

// checkEngine notes where there is none: only targets in containers need one.
func checkEngine(ctx context.Context, _ settings) finding {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	about, err := container.Ask(ctx)
	if e, ok := errors.AsType[*target.Error](err); ok {
		return bad(statusNote, e.Hint+" (only targets in containers need it)", "%v", e.Err)
	}
	if err != nil {
		return bad(statusNote, "", "%v", err)
	}
	return ok("%s", about)
}
