package architecture_test

import (
	"fmt"
	"go/ast"
	"path"
	"slices"
)

// clockCalls are the functions of package time that read the clock or wait.
var clockCalls = []string{
	"After", "AfterFunc", "NewTicker", "NewTimer", "Now", "Since", "Sleep", "Tick", "Until",
}

const whyPure = "the same recording must always give the same verdict: no clock, no goroutine"

// checkPure finds what imports do not show: reads of the clock, and goroutines.
func checkPure(file sourceFile) []string {
	timeName := localName(file, "time")
	var found []string
	report := func(n ast.Node, what string) {
		found = append(found, fmt.Sprintf("%s/%s: %s\n\twhy not: %s", file.Name.Name, file.at(n), what, whyPure))
	}
	ast.Inspect(file.File, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			report(n, "go statement")
		case *ast.SelectorExpr:
			// Not only calls: a function kept in a variable reads the clock too.
			if x, ok := n.X.(*ast.Ident); ok && x.Name == timeName && slices.Contains(clockCalls, n.Sel.Name) {
				report(n, "time."+n.Sel.Name)
			}
		}
		return true
	})
	return found
}

// localName is what a file calls an imported package, "" when it does not
// import it.
func localName(file sourceFile, pkg string) string {
	for _, spec := range file.Imports {
		if importPath(spec) != pkg {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		return path.Base(pkg)
	}
	return ""
}
