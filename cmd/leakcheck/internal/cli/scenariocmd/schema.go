package scenariocmd

import (
	"github.com/spf13/cobra"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/scenarios"
	"github.com/leakcheck/leakcheck/verdict/report"
)

func NewSchema(io *command.Streams) *cobra.Command {
	return &cobra.Command{
		Use:   "schema [scenario|verdict]",
		Short: "Print the JSON Schema of scenario files, or of the verdict as JSON",
		Long: "Print the JSON Schema of scenario files, for editors to complete and check them,\n" +
			"or the one of the document that --json prints.",
		Example:   "  leakcheck schema > leakcheck.schema.json",
		ValidArgs: []string{"scenario", "verdict"},
		Args:      command.WantArgs(cobra.MatchAll(cobra.MaximumNArgs(1), cobra.OnlyValidArgs)),
		RunE: func(_ *cobra.Command, args []string) error {
			return printSchema(io, len(args) == 1 && args[0] == "verdict")
		},
	}
}

func printSchema(io *command.Streams, ofVerdict bool) error {
	generate := scenarios.JSONSchema
	if ofVerdict {
		generate = report.JSONSchema
	}
	text, err := generate()
	if err != nil {
		return err
	}
	_, err = io.Out.Write(text)
	return err
}
