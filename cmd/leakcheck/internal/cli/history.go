package cli

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/leakcheck/leakcheck/verdict/history"
	"github.com/leakcheck/leakcheck/verdict/history/store"
)

// historyOptions are what the history command was asked for.
type historyOptions struct {
	io       *streams
	settings settings
	scenario string
	endpoint string
	since    string
}

func newHistoryCommand(io *streams) *cobra.Command {
	o := historyOptions{io: io}
	cmd := &cobra.Command{
		Use:   "history",
		Short: "Show leak rates over commits, and where they changed",
		Long: "Show each endpoint's leak rate over the runs that are remembered, oldest commit\n" +
			"first, with the commits at which it changed. Runs of another scenario content,\n" +
			"Node.js version or kind of machine are not comparable and are shown apart.",
		Example: "  leakcheck history --endpoint upload --since 90d\n  leakcheck history --history postgres://ci@db/leakcheck",
		Args:    wantArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if o.settings, err = loadSettings(cmd.Flags()); err != nil {
				return err
			}
			return showHistory(cmd.Context(), o)
		},
	}
	addSettings(cmd.Flags(), "color", "history")
	addJSON(cmd.Flags(), "the runs and changes")
	cmd.Flags().StringVar(&o.scenario, "scenario", "", "only this scenario, by its name")
	cmd.Flags().StringVar(&o.endpoint, "endpoint", "", "only this endpoint")
	cmd.Flags().StringVar(&o.since, "since", "", "only runs since a day (2026-11-01) or an age (90d)")
	return cmd
}

func showHistory(ctx context.Context, o historyOptions) error {
	since, err := parseSince(o.since, time.Now())
	if err != nil {
		return err
	}
	runs, err := readHistory(ctx, o.settings, store.Filter{Scenario: o.scenario, Since: since})
	if err != nil {
		return err
	}
	groups := history.Groups(runs)
	if err := knownEndpoint(groups, o.endpoint); err != nil {
		return err
	}
	if o.settings.json {
		enc := json.NewEncoder(o.io.out)
		enc.SetIndent("", "  ")
		return enc.Encode(historyDocument(groups, o.endpoint))
	}
	return history.Text(o.io.out, groups, history.TextOptions{Endpoint: o.endpoint, Color: o.settings.useColor(o.io)})
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
