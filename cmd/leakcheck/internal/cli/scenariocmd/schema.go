package scenariocmd

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/scenarios"
	"github.com/leakcheck/leakcheck/verdict/report"
)

// NewSchema is the command schema.
func NewSchema(io *command.Streams) *cobra.Command {
	return &cobra.Command{
		Use:   "schema [scenario|verdict|diagnosis]",
		Short: "Print the JSON Schema of scenario files, or of the verdict as JSON",
		Long: "Print the JSON Schema of scenario files, for editors to complete and check them,\n" +
			"or the one of the document that --json prints, or of a run's diagnosis.json.",
		Example:   "  leakcheck schema > leakcheck.schema.json",
		ValidArgs: []string{"scenario", "verdict", "diagnosis"},
		Args:      command.WantArgs(cobra.MatchAll(cobra.MaximumNArgs(1), cobra.OnlyValidArgs)),
		RunE: func(_ *cobra.Command, args []string) error {
			generate := scenarios.JSONSchema
			switch strings.Join(args, "") {
			case "verdict":
				generate = report.JSONSchema
			case "diagnosis":
				generate = report.DiagnosisSchema
			}
			text, err := generate()
			if err != nil {
				return err
			}
			_, err = io.Out.Write(text)
			return err
		},
	}
}
