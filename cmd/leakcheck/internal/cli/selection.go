package cli

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/leakcheck/leakcheck/verdict/history"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/store"
)

// selection is which runs of the history a command is about; "" is all.
type selection struct {
	scenario string
	endpoint string
	since    string
}

func (s *selection) addFlags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.scenario, "scenario", "", "only this scenario, by its name")
	cmd.Flags().StringVar(&s.endpoint, "endpoint", "", "only this endpoint")
	cmd.Flags().StringVar(&s.since, "since", "", "only runs since a day (2026-11-01) or an age (90d)")
}

// groups are the runs that were selected, at least one, by what is comparable.
func (s *selection) groups(ctx context.Context, o settings) ([]history.Group, error) {
	since, err := parseSince(s.since, time.Now())
	if err != nil {
		return nil, err
	}
	runs, err := readHistory(ctx, o, store.Filter{Scenario: s.scenario, Since: since})
	if err != nil {
		return nil, err
	}
	groups := history.Groups(runs)
	return groups, knownEndpoint(groups, s.endpoint)
}

// readHistory lists runs, at least one.
func readHistory(ctx context.Context, s settings, f store.Filter) (runs []history.Run, err error) {
	h, err := openHistory(ctx, s)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	runs, err = h.Runs(ctx, f)
	if err == nil && len(runs) == 0 {
		err = badUsage("leakcheck run adds one, and leakcheck import those of other machines", "no such runs in the history")
	}
	return runs, err
}

func knownEndpoint(groups []history.Group, name string) error {
	var names []string
	for i := range groups {
		for _, known := range groups[i].EndpointNames() {
			if name == "" || name == known {
				return nil
			}
			names = append(names, known)
		}
	}
	if name == "" {
		return nil
	}
	return badUsage("there are: "+joinComma(names), "no endpoint %q in these runs", name)
}

// parseSince reads a day or an age, "" as the begin of time.
func parseSince(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return day, nil
	}
	age, err := parseAge(raw{text, "--since"})
	if err != nil {
		return time.Time{}, badUsage("", "--since: %q is neither a day such as 2026-11-01 nor an age such as 90d", text)
	}
	return now.Add(-age), nil
}
