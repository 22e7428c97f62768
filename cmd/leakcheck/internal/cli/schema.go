package cli

import (
	"github.com/spf13/cobra"

	"github.com/leakcheck/leakcheck/scenarios"
	"github.com/leakcheck/leakcheck/verdict/report"
)

func newSchemaCommand(io *streams) *cobra.Command {
	return &cobra.Command{
		Use:   "schema [scenario|verdict]",
		Short: "Print the JSON Schema of scenario files, or of the verdict as JSON",
		Long: "Print the JSON Schema of scenario files, for editors to complete and check them,\n" +
			"or the one of the document that --json prints.",
		Example:   "  leakcheck schema > leakcheck.schema.json",
		ValidArgs: []string{"scenario", "verdict"},
		Args:      wantArgs(cobra.MatchAll(cobra.MaximumNArgs(1), cobra.OnlyValidArgs)),
		RunE: func(_ *cobra.Command, args []string) error {
			return printSchema(io, len(args) == 1 && args[0] == "verdict")
		},
	}
}

func printSchema(io *streams, ofVerdict bool) error {
	generate := scenarios.JSONSchema
	if ofVerdict {
		generate = report.JSONSchema
	}
	text, err := generate()
	if err != nil {
		return err
	}
	_, err = io.out.Write(text)
	return err
}
