package draft

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/leakcheck/leakcheck/scenarios/rates"
)

// fromRecords drafts from an access log, or from a snapshot of metrics.
func fromRecords(path string, o Options) (*Draft, error) {
	var g rates.Grouper
	hidden := masked{}
	files := 0.0
	coverage, err := rates.Read(path, rates.Options{Over: o.Over, Metric: o.Metric}, func(h rates.Hit) {
		if isAsset(h.Path) {
			files += h.Count
			return
		}
		g.Add(h)
	})
	if err != nil && !errors.Is(err, rates.ErrNoSpan) {
		return nil, err
	}
	d := &Draft{From: fmt.Sprintf("the records %s: %.0f requests in %v", filepath.Base(path), coverage.Requests, coverage.Over.Round(time.Second))}
	if err != nil {
		d.From = fmt.Sprintf("the records %s: %.0f requests", filepath.Base(path), coverage.Requests)
		d.note("%s does not say over what time it counted, so that the rates are not known: --over 24h says it", filepath.Base(path))
	}
	failed := 0.0
	for _, r := range g.Routes() {
		if !known(r.Method) {
			continue
		}
		if r.Failed*2 > r.Count {
			failed += r.Count
			continue
		}
		e := fromRoute(r, hidden)
		if coverage.Over > 0 {
			e.Rate = coverage.Rate(r.Count)
		}
		e.Comments = append(e.Comments, fmt.Sprintf("%.0f of %.0f requests.", r.Count, coverage.Requests))
		if !safe(e.Method) {
			e.Blanks = append(e.Blanks, "its body and Content-Type, which no access log has")
		}
		d.Endpoints = append(d.Endpoints, e)
	}
	if coverage.Skipped > 0 {
		d.note("%s not understood and left out", counted(coverage.Skipped, "line of the log was", "lines of the log were"))
	}
	if failed > 0 {
		d.note("%s left out, whose routes were mostly answered with 4xx or 5xx", counted(int(failed), "request was", "requests were"))
	}
	if files > 0 {
		d.note("%s for files of pages left out (scripts, styles, images)", counted(int(files), "request", "requests"))
	}
	d.tellHidden(hidden)
	return d, nil
}
