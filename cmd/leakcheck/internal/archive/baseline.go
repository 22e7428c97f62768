package archive

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/settings"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/store"
	"github.com/leakcheck/leakcheck/loadgen/infile"
	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/verdict"
	"github.com/leakcheck/leakcheck/verdict/compare"
	"github.com/leakcheck/leakcheck/verdict/history"
)

// BaselineRuns are the runs named, else the latest of each scenario.
func BaselineRuns(ctx context.Context, s settings.Settings, names []string) (runs []history.Run, err error) {
	if len(names) == 0 {
		return ReadHistory(ctx, s, store.Filter{}) // oldest first: the last of a scenario stays
	}
	f := &Finder{Settings: s, Dir: "."}
	defer func() { err = errors.Join(err, f.Close()) }()
	for _, name := range names {
		found, err := f.Find(ctx, name)
		if err != nil {
			return nil, err
		}
		runs = append(runs, found...)
	}
	return runs, nil
}

// ReadBaseline is the setting's, nil for none.
func ReadBaseline(ctx context.Context, s settings.Settings) (*compare.Baseline, error) {
	if s.Baseline == "" {
		return nil, nil
	}
	if info, err := os.Stat(s.Baseline); err == nil && !info.IsDir() && filepath.Ext(s.Baseline) != ".jsonl" {
		b, err := OpenBaseline(s.Baseline)
		return &b, err
	}
	if !isFile(s.Baseline) && !runIDPattern.MatchString(s.Baseline) {
		return nil, command.BadUsage("leakcheck baseline update writes one", "--baseline: %s is no file, and no id of a run", s.Baseline)
	}
	runs, err := BaselineRuns(ctx, s, []string{s.Baseline})
	if err != nil {
		return nil, err
	}
	b := compare.Baseline{}.With(runs[0])
	return &b, nil
}

// OpenBaseline reads a baseline file.
func OpenBaseline(path string) (b compare.Baseline, err error) {
	f, err := infile.Open(path)
	if err != nil {
		return b, command.BadUsage("", "%w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if b, err = compare.ReadBaseline(f); err != nil {
		return b, command.BadUsage("leakcheck baseline update writes one", "%s: %w", path, err)
	}
	return b, nil
}

// Tolerate lets pass what leaks no more than in the baseline.
func Tolerate(b *compare.Baseline, v *verdict.Verdict, rec *recording.Recording) {
	if b != nil && v != nil {
		b.Tolerate(v, history.Of(rec, v, v.Outcome, command.ExitLeak, ""))
	}
}
