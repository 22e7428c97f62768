package runcmd

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/archive"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/settings"
	"github.com/leakcheck/leakcheck/verdict/report"
)

// NewReport is the command report.
func NewReport(io *command.Streams) *cobra.Command {
	var name, path string
	cmd := &cobra.Command{
		Use:   "report RUN-DIR|RECORDING",
		Short: "Write the report of a run in another format",
		Long: "Write the report of a run in another format. It exits with 0 for every verdict;\n" +
			"leakcheck judge exits with the verdict's code.\n\nFormats:\n" + listFormats(),
		Example: "  leakcheck report .leakcheck/runs/20261121-150405-ab12cd --format junit -o leakcheck.xml\n" +
			"  leakcheck report recording.jsonl --format html -o report.html",
		Args: command.WantArgs(cobra.ExactArgs(1)),
		RunE: settings.With(func(_ *cobra.Command, s settings.Settings, args []string) error {
			f, err := report.FindFormat(name)
			if err != nil {
				return command.BadUsage("", "--format: %w", err)
			}
			doc, err := archive.LoadRun(args[0], s.Inconclusive)
			if err != nil {
				return err
			}
			return writeTo(io, f, path, report.Of(doc))
		}),
	}
	settings.AddFlags(cmd.Flags(), "inconclusive")
	cmd.Flags().StringVar(&name, "format", "text", "one of "+formatNames())
	cmd.Flags().StringVarP(&path, "output", "o", "-", "file to write, - for standard output")
	if err := cmd.RegisterFlagCompletionFunc("format", completeFormats); err != nil {
		panic(err) // the flag is declared above
	}
	return cmd
}

// writeTo writes a report to a file, or to standard output.
func writeTo(io *command.Streams, f report.Format, path string, s report.Suite) error {
	if err := writeReport(io.Out, settings.Report{Format: f, Path: path}, s); err != nil {
		return command.BadMachine("", "%w", err)
	}
	return nil
}

func listFormats() string {
	var b strings.Builder
	for _, f := range report.Formats {
		fmt.Fprintf(&b, "  %-12s %s\n", f.Name, f.About)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func formatNames() string {
	names := make([]string, len(report.Formats))
	for i, f := range report.Formats {
		names[i] = f.Name
	}
	return strings.Join(names, ", ")
}

func completeFormats(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var all []cobra.Completion
	for _, f := range report.Formats {
		all = append(all, cobra.CompletionWithDesc(f.Name, f.About))
	}
	return all, cobra.ShellCompDirectiveNoFileComp
}
