package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// figures are the sizes of one module, in lines; parameters are counted.
type figures struct {
	functions, parameters, files, packages []thing
	tests                                  []thing // files of tests
}

// kind is what one row of the table is about.
type kind struct {
	name   string
	things []thing
}

func (f *figures) kinds() []kind {
	return []kind{
		{"lines of functions", f.functions},
		{"parameters", f.parameters},
		{"lines of files", f.files},
		{"lines of packages", f.packages},
		{"lines of test files", f.tests},
	}
}

// measure reads all Go files below root, but those of test data.
func measure(root string) (figures, error) {
	var all figures
	packages := map[string]int{}
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && path != root && (e.Name() == "testdata" || e.Name() == "node_modules" || strings.HasPrefix(e.Name(), ".")):
			return fs.SkipDir
		case e.IsDir() || filepath.Ext(path) != ".go":
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		lines := bytes.Count(text, []byte("\n"))
		if strings.HasSuffix(path, "_test.go") {
			all.tests = append(all.tests, thing{name, lines})
			return nil
		}
		all.files = append(all.files, thing{name, lines})
		packages[filepath.Dir(name)] += lines
		return all.readFunctions(name, text)
	})
	for name, lines := range packages {
		all.packages = append(all.packages, thing{name, lines})
	}
	slices.SortFunc(all.packages, func(a, b thing) int { return strings.Compare(a.name, b.name) })
	return all, err
}

// readFunctions adds the functions that a file declares.
func (f *figures) readFunctions(name string, text []byte) error {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, text, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	for _, d := range file.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		begin, end := set.Position(fn.Pos()).Line, set.Position(fn.End()).Line
		at := fmt.Sprintf("%s:%d %s", name, begin, fn.Name.Name)
		f.functions = append(f.functions, thing{at, end - begin + 1})
		f.parameters = append(f.parameters, thing{at, fn.Type.Params.NumFields()})
	}
	return nil
}
