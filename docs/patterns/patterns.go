// Package patterns holds the pages on the patterns of leaks, for an installed
// program to show.
package patterns

import "embed"

// Pages are named by the pattern: timer.md.
//
//go:embed *.md
var Pages embed.FS
