package architecture_test

import (
	"fmt"
	"slices"
)

// topLevel is all that stands beside go.mod.
var topLevel = []string{
	".ci", ".editorconfig", ".gitattributes", ".github", ".gitignore", ".golangci.yml",
	".goreleaser.yaml", "CHANGELOG.md", "Dockerfile", "LICENSE", "Makefile", "README.md", "action.yml",
	"cmd", "docs", "go.mod", "go.sum", "harness", "loadgen", "sampler", "scenarios", "tools", "verdict",
}

// leftovers are what building, running and git put there; none is committed.
var leftovers = []string{".cache", ".git", ".leakcheck", "bin", "dist", "node_modules"}

const whyTopLevel = "the top level is the project's table of contents: a new package nests under the noun that owns it"

// checkTopLevel compares a folder's names with what the design lists.
func checkTopLevel(names []string) []string {
	var found []string
	for _, name := range names {
		if !slices.Contains(topLevel, name) && !slices.Contains(leftovers, name) {
			found = append(found, fmt.Sprintf("%s stands at the top level\n\twhy not: %s", name, whyTopLevel))
		}
	}
	for _, name := range topLevel {
		if !slices.Contains(names, name) {
			found = append(found, fmt.Sprintf("%s is missing at the top level\n\twhy: %s", name, whyTopLevel))
		}
	}
	return found
}
