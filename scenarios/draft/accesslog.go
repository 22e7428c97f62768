package draft

import (
	"fmt"
	"path/filepath"
	"time"

	"github.com/leakcheck/leakcheck/scenarios/rates"
)

// fromRecords drafts from an access log, or from a snapshot of metrics.
func fromRecords(path string) (*Draft, error) {
	var g rates.Grouper
	hidden := masked{}
	files := 0.0
	coverage, err := rates.Read(path, rates.Options{}, func(h rates.Hit) {
		if isAsset(h.Path) {
			files += h.Count
			return
		}
		g.Add(h)
	})
	if err != nil {
		return nil, err
	}
	d := &Draft{From: fmt.Sprintf("the access log %s: %.0f requests in %v", filepath.Base(path), coverage.Requests, coverage.Over.Round(time.Second))}
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
		e.Rate = coverage.Rate(r.Count)
		e.Comments = append(e.Comments, fmt.Sprintf("%.0f of %.0f requests in the log.", r.Count, coverage.Requests))
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
