package main

import (
	"fmt"
	"os"
	"slices"

	"github.com/goccy/go-yaml"

	"github.com/leakcheck/leakcheck/scenarios"
	"github.com/leakcheck/leakcheck/scenarios/catalog"
)

// mixes reports whether a case can be told in mixed mode: it has several endpoints,
// and one of them leaks by itself, or nothing does.
func mixes(c catalog.Case) bool {
	return c.Leaking != catalog.Interaction && c.Name != "eight-bytes" // it has one endpoint
}

// mixScenario rewrites a case's scenario to load its endpoints together. All
// else of it stays.
func mixScenario(file string) error {
	src, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read scenario: %w", err)
	}
	var whole, run yaml.MapSlice
	if err := yaml.UnmarshalWithOptions(src, &whole, yaml.UseOrderedMap()); err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	at := len(whole)
	for i := range whole {
		if whole[i].Key == "run" {
			at = i
			run, _ = whole[i].Value.(yaml.MapSlice)
		}
	}
	if at == len(whole) {
		whole = append(whole, yaml.MapItem{Key: "run"})
	}
	run = slices.DeleteFunc(run, func(item yaml.MapItem) bool { return item.Key == "mode" })
	run = append(run, yaml.MapItem{Key: "mode", Value: scenarios.ModeMixed})
	whole[at].Value = run
	out, err := yaml.Marshal(whole)
	if err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	return os.WriteFile(file, out, 0o644)
}
