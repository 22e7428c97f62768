package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/leakcheck/leakcheck/tools/accuracy/series"
	"github.com/leakcheck/leakcheck/verdict"
)

// writeRecorded judges the series of a folder by all rules, and prints each
// one's outcome and the rates. It says whether ours were all right.
func writeRecorded(b *strings.Builder, dir string) (allRight bool, err error) {
	index, err := series.ReadIndex(dir)
	if err != nil {
		return false, err
	}
	healthy, leaky := group{name: "healthy"}, group{name: "leaky"}
	var grades []Grade
	b.WriteString("| app | node | leaks | leakcheck | | B/request [interval] |\n|---|---|---|---|---|---|\n")
	for _, e := range index {
		rec, err := series.ReadFile(filepath.Join(dir, e.File))
		if err != nil {
			return false, err
		}
		v, err := verdict.Judge(rec, verdict.Options{})
		if err != nil {
			return false, fmt.Errorf("judge %s: %w", e.File, err)
		}
		said := opinionsOn(rec, v.Outcome)
		if e.Leaky == "" {
			healthy.all = append(healthy.all, said)
		} else {
			leaky.all = append(leaky.all, said)
		}
		grades = append(grades, writeSeries(b, e, v))
	}
	wrong := 0
	for _, g := range grades {
		wrong += count(g != Right)
	}
	fmt.Fprintf(b, "\nNot right: %s\n\n", rate(wrong, len(grades)))
	writeCompared(b, []group{healthy, leaky})
	return wrong == 0, nil
}

func writeSeries(b *strings.Builder, e series.Entry, v *verdict.Verdict) Grade {
	var named []string
	shown := v.Endpoints[0]
	for _, p := range v.All() {
		if p.Outcome == verdict.Leak {
			named = append(named, p.Name)
		}
		if p.Name == e.Leaky {
			shown = *p
		}
	}
	if v.Background.Outcome == verdict.Leak {
		named = append(named, "background")
	}
	g := grade(string(v.Outcome), named, e.Leaky)
	r := shown.Retained
	fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %.1f [%.1f, %.1f] |\n", e.App, e.Node, e.Leaky, v.Outcome, g, r.Value, r.Low, r.High)
	return g
}
