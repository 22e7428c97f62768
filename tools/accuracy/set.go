package main

import (
	"fmt"
	"slices"

	"github.com/leakcheck/leakcheck/scenarios/catalog"
	"github.com/leakcheck/leakcheck/tools/accuracy/packages"
)

// caseSet lists the cases to choose from.
type caseSet func() []catalog.Case

func parseSet(s string) (caseSet, error) {
	switch s {
	case "catalog":
		return catalog.Cases, nil
	case "packages":
		return packages.Cases, nil
	case "all":
		return allCases, nil
	}
	return nil, fmt.Errorf("%q: want catalog, packages or all", s)
}

func allCases() []catalog.Case { return slices.Concat(catalog.Cases(), packages.Cases()) }
