package scenarios

import (
	"fmt"
	"strings"
)

// suggest is the hint for an unknown word: the known one that was probably
// meant, or all of them.
func suggest(word string, known []string) string {
	if best := meant(word, known); best != "" {
		return fmt.Sprintf("did you mean %q?", best)
	}
	return "known here: " + strings.Join(known, ", ")
}

// meant is the known word that is spelt most like this one, "" when none is
// like it.
func meant(word string, known []string) (best string) {
	const longest = 40 // nobody misspells more
	distance := len(word)/3 + 1
	for _, k := range known {
		if len(word) > longest {
			break
		}
		if n := edits(strings.ToLower(word), k); n <= distance {
			best, distance = k, n-1
		}
	}
	return best
}

// edits is the optimal string alignment distance: insertions, deletions,
// substitutions and swaps of neighbours that turn a into b.
func edits(a, b string) int {
	var before []int
	last := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
