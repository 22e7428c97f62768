package runner

import (
	"context"
	"errors"
	"slices"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/archive"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/settings"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/store"
	"github.com/leakcheck/leakcheck/scenarios"
	"github.com/leakcheck/leakcheck/verdict/history"
)

// CheckSelection holds that each endpoint and tag that the settings name is known to
// one of the scenarios.
func CheckSelection(o settings.Settings, all ...*scenarios.Scenario) error {
	var endpoints, tags []string
	for _, sc := range all {
		e, t := sc.Names()
		endpoints, tags = append(endpoints, e...), append(tags, t...)
	}
	if err := command.CheckNames("endpoint", o.Endpoints, unique(endpoints)); err != nil {
		return err
	}
	return command.CheckNames("tag", o.Tags, unique(tags))
}

func unique(names []string) []string {
	var out []string
	for _, name := range names {
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// ErrNothingSelected says that no endpoint is all that was asked for.
var ErrNothingSelected = errors.New("no endpoint is selected")

// Select is the scenario with what the settings choose of it: the endpoints that each of
// them chooses. The error is ErrNothingSelected when there are none.
func Select(ctx context.Context, o settings.Settings, sc *scenarios.Scenario) (*scenarios.Scenario, error) {
	names, tags := sc.Names()
	if len(o.Endpoints) > 0 {
		names = command.Matching(o.Endpoints, names)
	}
	if len(o.Tags) > 0 {
		names = both(names, sc.NamesTagged(command.Matching(o.Tags, tags)))
	}
	if o.Failed {
		passed, err := passedLast(ctx, o, sc)
		if err != nil {
			return nil, err
		}
		names = slices.DeleteFunc(names, func(name string) bool { return slices.Contains(passed, name) })
	}
	if len(names) == 0 {
		return nil, ErrNothingSelected
	}
	sc = sc.Select(names)
	if o.Quick {
		sc = sc.Quick()
	}
	return sc, nil
}

// both are the names that are in both lists.
func both(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(name string) bool { return !slices.Contains(b, name) })
}

// passedLast are the endpoints that passed when they were last measured.
func passedLast(ctx context.Context, o settings.Settings, sc *scenarios.Scenario) ([]string, error) {
	h, err := archive.OpenHistory(ctx, o)
	if err != nil {
		return nil, err
	}
	runs, err := h.Runs(ctx, store.Filter{Scenario: sc.Name})
	return history.PassedLast(runs), errors.Join(err, h.Close())
}
