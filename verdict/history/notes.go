package history

import (
	"slices"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// Notes say something of endpoints, the same of several once.
type Notes []note

type note struct {
	text  string
	names []string
}

// Add notes a text of one more endpoint.
func (all *Notes) Add(name, text string) {
	i := slices.IndexFunc(*all, func(n note) bool { return n.text == text })
	if i < 0 {
		*all, i = append(*all, note{text: text}), len(*all)
	}
	(*all)[i].names = append((*all)[i].names, name)
}

// Lines are the notes in the order of their first endpoints: "a, b and c: text".
func (all Notes) Lines() []string {
	lines := make([]string, len(all))
	for i, n := range all {
		lines[i] = unit.List(n.names) + ": " + n.text
	}
	return lines
}
