package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/store"
	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/verdict"
	"github.com/leakcheck/leakcheck/verdict/compare"
	"github.com/leakcheck/leakcheck/verdict/history"
)

// baselineRuns are the runs named, else the latest of each scenario.
func baselineRuns(ctx context.Context, s settings, names []string) (runs []history.Run, err error) {
	if len(names) == 0 {
		return readHistory(ctx, s, store.Filter{}) // oldest first: the last of a scenario stays
	}
	f := &finder{settings: s, dir: "."}
	defer func() { err = errors.Join(err, f.close()) }()
	for _, name := range names {
		found, err := f.find(ctx, name)
		if err != nil {
			return nil, err
		}
		runs = append(runs, found...)
	}
	return runs, nil
}

// readBaseline is the setting's, nil for none.
func readBaseline(ctx context.Context, s settings) (*compare.Baseline, error) {
	if s.baseline == "" {
		return nil, nil
	}
	if info, err := os.Stat(s.baseline); err == nil && !info.IsDir() && filepath.Ext(s.baseline) != ".jsonl" {
		b, err := openBaseline(s.baseline)
		return &b, err
	}
	if !isFile(s.baseline) && !runIDPattern.MatchString(s.baseline) {
		return nil, badUsage("leakcheck baseline update writes one", "--baseline: %s is no file, and no id of a run", s.baseline)
	}
	runs, err := baselineRuns(ctx, s, []string{s.baseline})
	if err != nil {
		return nil, err
	}
	b := compare.Baseline{}.With(runs[0])
	return &b, nil
}

func openBaseline(path string) (b compare.Baseline, err error) {
	f, err := os.Open(path)
	if err != nil {
		return b, badUsage("", "%w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if b, err = compare.ReadBaseline(f); err != nil {
		return b, badUsage("leakcheck baseline update writes one", "%s: %w", path, err)
	}
	return b, nil
}

// tolerate lets pass what leaks no more than in the baseline.
func tolerate(b *compare.Baseline, v *verdict.Verdict, rec *recording.Recording) {
	if b != nil && v != nil {
		b.Tolerate(v, history.Of(rec, v, v.Outcome, exitLeak, ""))
	}
}
