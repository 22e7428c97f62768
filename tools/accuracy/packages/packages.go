// Package packages is npm packages as they were published: one app for each,
// which takes the version that leaked or the one that mended it as its
// argument. They are live cases of the tool's accuracy, chosen by what their
// issues say and not by how well leakcheck does on them.
//
// Each folder's package.json names both versions, as "leaky" and "fixed"; they
// were installed and driven with forced collections, outside of leakcheck, to
// see that one grows for each request and the other does not.
package packages

import (
	"embed"
	"slices"
	"sync"

	"github.com/leakcheck/leakcheck/scenarios/catalog"
)

//go:embed */*.yaml */*.js */*.json */*.md
var files embed.FS

// Cases returns the packages by name, each version that leaks followed by the
// one that does not.
func Cases() []catalog.Case { return slices.Clone(loaded()) }

// loaded panics on a bad embedded file, which a test would have caught.
var loaded = sync.OnceValue(func() []catalog.Case {
	cases, err := catalog.Load(files)
	if err != nil {
		panic("packages: " + err.Error())
	}
	return cases
})
