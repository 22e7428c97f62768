package architecture_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// graph maps each package to what its non-test files import. Packages of ours
// are named by their folder in the module ("sampler/recording"), others by
// their import path.
type graph map[string][]string

// readGraph parses every Go file below root rather than asking `go list`, which
// sees the files of one operating system only.
func readGraph(root string) (graph, error) {
	g := graph{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		if path != root && skipped(path, d.Name()) {
			return filepath.SkipDir
		}
		files, err := parseDir(path)
		if err != nil || len(files) == 0 {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		g[filepath.ToSlash(name)] = importsOf(files)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read import graph: %w", err)
	}
	return g, nil
}

// skipped reports whether the go command would not see a folder either.
func skipped(path, name string) bool {
	if name == "testdata" || name == "node_modules" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") {
		return true
	}
	_, err := os.Stat(filepath.Join(path, "go.mod"))
	return err == nil
}

// sourceFile is one parsed non-test file.
type sourceFile struct {
	*ast.File
	fset *token.FileSet
}

// at prints where a node stands, for messages.
func (f sourceFile) at(n ast.Node) string {
	p := f.fset.Position(n.Pos())
	return fmt.Sprintf("%s:%d", filepath.Base(p.Filename), p.Line)
}

// parseDir parses a folder's non-test files, whatever system they are for.
func parseDir(dir string) ([]sourceFile, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	var files []sourceFile
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, sourceFile{File: file, fset: fset})
	}
	return files, nil
}

// importsOf lists what the files import, sorted, each once.
func importsOf(files []sourceFile) []string {
	var all []string
	for _, file := range files {
		for _, spec := range file.Imports {
			all = append(all, strings.TrimPrefix(importPath(spec), module+"/"))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// importPath is the unquoted path; the parser has made sure of its quotes.
func importPath(spec *ast.ImportSpec) string {
	path, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		return spec.Path.Value
	}
	return path
}
