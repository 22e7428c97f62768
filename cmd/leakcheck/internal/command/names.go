package command

import (
	"regexp"
	"slices"
	"strings"

	"github.com/leakcheck/leakcheck/scenarios"
)

// CheckNames holds that each pattern is one of the known names, or matches one. The
// error lists what is known; what says what is named: "endpoint".
func CheckNames(what string, patterns, known []string) error {
	for _, p := range patterns {
		if !slices.ContainsFunc(known, matcher(p)) {
			return BadUsage(scenarios.Suggest(p, known), "no %s %q", what, p)
		}
	}
	return nil
}

// Matching are the known names that one of the patterns is or matches, in their order.
// In a pattern, * stands for any letters and ? for one.
func Matching(patterns, known []string) []string {
	var out []string
	for _, name := range known {
		if slices.ContainsFunc(patterns, func(p string) bool { return matcher(p)(name) }) {
			out = append(out, name)
		}
	}
	return out
}

func matcher(pattern string) func(string) bool {
	text := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(pattern))
	return regexp.MustCompile("^(?s:" + text + ")$").MatchString
}
