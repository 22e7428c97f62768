package runcmd

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/settings"
	"github.com/leakcheck/leakcheck/scenarios/catalog"
)

// NewList is the command list.
func NewList(io *command.Streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the bundled scenarios: leaks with their fixed twins, and healthy apps",
		Args:  command.WantArgs(cobra.NoArgs),
		RunE: settings.With(func(_ *cobra.Command, s settings.Settings, _ []string) error {
			return list(io, catalog.Cases(), s.JSON)
		}),
	}
	settings.AddJSON(cmd.Flags(), "the list")
	return cmd
}

// list prints one row for each name, with the variants that demo takes.
func list(io *command.Streams, cases []catalog.Case, asJSON bool) error {
	rows := rowsOf(groupCases(cases))
	if asJSON {
		return command.PrintJSON(io.Out, rows)
	}
	w := tabwriter.NewWriter(io.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tVARIANTS\tSUMMARY")
	for _, r := range rows {
		fmt.Fprintf(w, "%s\t%s\t%s\n", r.Name, strings.Join(r.Variants, ", "), r.Summary)
	}
	return w.Flush()
}

// caseRow is one name of the catalog.
type caseRow struct {
	Name     string   `json:"name"`
	Variants []string `json:"variants"`
	Pattern  string   `json:"pattern"`
	Summary  string   `json:"summary"`
}

func rowsOf(groups [][]catalog.Case) []caseRow {
	rows := make([]caseRow, len(groups))
	for i, group := range groups {
		rows[i] = caseRow{Name: group[0].Name, Pattern: group[0].Pattern, Summary: group[0].Summary}
		for _, c := range group {
			rows[i].Variants = append(rows[i].Variants, c.Variant)
		}
	}
	return rows
}

// groupCases gathers the variants of each name, in the catalog's order.
func groupCases(cases []catalog.Case) [][]catalog.Case {
	var groups [][]catalog.Case
	for _, c := range cases {
		i := slices.IndexFunc(groups, func(g []catalog.Case) bool { return g[0].Name == c.Name })
		if i < 0 {
			groups = append(groups, []catalog.Case{c})
			continue
		}
		groups[i] = append(groups[i], c)
	}
	return groups
}
