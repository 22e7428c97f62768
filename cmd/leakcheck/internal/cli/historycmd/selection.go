package historycmd

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/archive"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/settings"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/store"
	"github.com/leakcheck/leakcheck/verdict/history"
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
func (s *selection) groups(ctx context.Context, o settings.Settings) ([]history.Group, error) {
	since, err := settings.ParseSince(s.since, time.Now())
	if err != nil {
		return nil, err
	}
	runs, err := archive.ReadHistory(ctx, o, store.Filter{Scenario: s.scenario, Since: since})
	if err != nil {
		return nil, err
	}
	groups := history.Groups(runs)
	return groups, knownEndpoint(groups, s.endpoint)
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
	return command.BadUsage("there are: "+strings.Join(names, ", "), "no endpoint %q in these runs", name)
}
