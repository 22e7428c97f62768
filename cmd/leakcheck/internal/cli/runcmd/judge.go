package runcmd

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/archive"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/settings"
	"github.com/leakcheck/leakcheck/harness"
	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/verdict"
	"github.com/leakcheck/leakcheck/verdict/report"
)

// judgeOptions are what the judge command was asked for.
type judgeOptions struct {
	io         *command.Streams
	settings   settings.Settings
	path       string
	budgets    []string
	confidence float64
}

// NewJudge is the command judge.
func NewJudge(io *command.Streams) *cobra.Command {
	o := judgeOptions{io: io}
	cmd := &cobra.Command{
		Use:   "judge RECORDING|RUN-DIR",
		Short: "Judge a recording again, offline, with the same or other budgets",
		Example: "  leakcheck judge .leakcheck/runs/20261121-150405-ab12cd --budget 2MB/h\n" +
			"  leakcheck judge recording.jsonl --budget upload=2MB/h --budget list=500KiB/h",
		Args: command.WantArgs(cobra.ExactArgs(1)),
		RunE: settings.With(func(cmd *cobra.Command, s settings.Settings, args []string) error {
			o.settings = s
			o.path = args[0]
			return judge(cmd.Context(), o)
		}),
	}
	settings.AddFlags(cmd.Flags(), "all", "baseline", "color", "history", "inconclusive", "json", settings.ReportKey)
	cmd.Flags().StringArrayVar(&o.budgets, "budget", nil, "budget for all endpoints, or NAME=BUDGET for one; repeatable")
	cmd.Flags().Float64Var(&o.confidence, "confidence", 0, "of the whole verdict, between 0.5 and 1; default: the recording's")
	if err := cmd.RegisterFlagCompletionFunc("budget", completeBudgets); err != nil {
		panic(err) // the flag is declared above
	}
	return cmd
}

func judge(ctx context.Context, o judgeOptions) error {
	budgets, err := parseBudgets(o.budgets)
	if err != nil {
		return err
	}
	path := archive.RecordingPath(o.path)
	rec, err := recording.ReadFile(path)
	if err != nil {
		return command.BadUsage("the recording of a run is "+harness.RecordingFile+" in its folder", "judge %s: %w", path, err)
	}
	v, err := verdict.Judge(rec, verdict.Options{Budgets: budgets, Confidence: o.confidence})
	if err != nil {
		return command.BadUsage("the endpoints are "+strings.Join(endpointNames(rec), ", "), "%w", err)
	}
	base, err := archive.ReadBaseline(ctx, o.settings)
	if err != nil {
		return err
	}
	archive.Tolerate(base, v, rec)
	doc := report.Document{Verdict: v, Recording: rec, Dir: filepath.Dir(path), Source: o.path}
	archive.SettleDocument(&doc, archive.RecordedFailure(rec), nil, o.settings.Inconclusive)
	return finish(runOptions{io: o.io, settings: o.settings}, report.Of(doc), nil)
}

// parseBudgets reads "2MB/h" (for all, under "") and "upload=2MB/h".
func parseBudgets(texts []string) (map[string]unit.MBPerHour, error) {
	budgets := map[string]unit.MBPerHour{}
	for _, text := range texts {
		name, value := "", text
		if i := strings.LastIndex(text, "="); i >= 0 {
			name, value = text[:i], text[i+1:]
		}
		b, err := unit.ParseMBPerHour(value)
		if err != nil {
			return nil, command.BadUsage("", "--budget: %w", err)
		}
		if _, twice := budgets[name]; twice {
			return nil, command.BadUsage("", "--budget: given twice for %q", name)
		}
		budgets[name] = b
	}
	return budgets, nil
}

func endpointNames(rec *recording.Recording) []string {
	names := make([]string, len(rec.Header.Endpoints))
	for i := range rec.Header.Endpoints {
		names[i] = rec.Header.Endpoints[i].Name
	}
	return names
}
