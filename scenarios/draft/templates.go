package draft

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/leakcheck/leakcheck/scenarios/rates"
)

// literal escapes the braces that would begin an action.
func literal(s string) string { return strings.ReplaceAll(s, "{{", `{{"{{"}}`) }

// segment is s as a path carries it. Templates in it are not known.
func segment(s string) string { return literal(url.PathEscape(s)) }

// picked draws from values that were made fit for their place.
func picked(values []string) string {
	if len(values) == 1 {
		return literal(values[0])
	}
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = strconv.Quote(v)
	}
	return "{{pick " + strings.Join(words, " ") + "}}"
}

func randInt(low, high int64) string { return fmt.Sprintf("{{randInt %d %d}}", low, high) }

func env(name string) string { return fmt.Sprintf("{{env %q}}", name) }

// maxPicks bounds the values of one pick that a draft shows.
const maxPicks = 8

// varying is a template for values like those that were seen, addresses of
// people and what may be secret left out. What was the same each time stays so.
// escape makes a value fit for its place.
func varying(v rates.Values, escape func(string) string) string {
	if len(v.Seen) == 1 && v.Seen[0] != "" && !secretValue(v.Seen[0]) && !strings.Contains(v.Seen[0], "@") {
		return literal(escape(v.Seen[0]))
	}
	switch v.Kind {
	case rates.Number:
		return randInt(v.Low, v.High)
	case rates.UUID:
		return "{{uuid}}"
	case rates.Token:
		return fmt.Sprintf("{{randString %d}}", v.Longest)
	}
	var values []string
	for _, s := range v.Seen {
		if s == "" || secretValue(s) || strings.Contains(s, "@") || len(values) == maxPicks {
			continue
		}
		if e := escape(s); !slices.Contains(values, e) {
			values = append(values, e)
		}
	}
	if len(values) == 0 {
		return "{{randString 8}}"
	}
	return picked(values)
}
