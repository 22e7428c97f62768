package runcmd

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/docs/patterns"
	"github.com/leakcheck/leakcheck/verdict/diagnose"
)

// NewExplain is the command explain.
func NewExplain(io *command.Streams) *cobra.Command {
	names := make([]string, len(diagnose.Patterns))
	for i, p := range diagnose.Patterns {
		names[i] = string(p)
	}
	return &cobra.Command{
		Use:       "explain [PATTERN]",
		Short:     "Explain a kind of leak, or list all kinds",
		Long:      "Print the page on a pattern that a diagnosis names: what it is, how it is usually\nmended, and how leakcheck sees it. Without a pattern, all of them are listed.",
		Example:   "  leakcheck explain\n  leakcheck explain listener-accumulation",
		ValidArgs: names,
		Args:      command.WantArgs(cobra.MatchAll(cobra.MaximumNArgs(1), cobra.OnlyValidArgs)),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return listPatterns(io)
			}
			page, err := patterns.Pages.ReadFile(args[0] + ".md")
			if err != nil {
				return fmt.Errorf("read page: %w", err)
			}
			_, err = io.Out.Write(page)
			return err
		},
	}
}

func listPatterns(io *command.Streams) error {
	w := tabwriter.NewWriter(io.Out, 0, 0, 2, ' ', 0)
	for _, p := range diagnose.Patterns {
		fmt.Fprintf(w, "%s\t%s\n", p, p.Advice().Title)
	}
	return w.Flush()
}
