package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	goFile       = regexp.MustCompile(`^[\w./-]+\.go$`)
	folder       = regexp.MustCompile(`^[\w./-]+/$`)
	functionName = regexp.MustCompile(`^(\w+)\(\)$`)
)

// The tour names files and folders that exist, and functions that stand in the
// files of their section.
func TestTour(t *testing.T) {
	root := filepath.Dir(filepath.Dir(tour))
	sections := strings.Split(read(t, tour), "\n## ")
	for _, section := range sections[1:] {
		title, _, _ := strings.Cut(section, "\n")
		declared := map[string]bool{}
		for _, span := range spans(section) {
			switch {
			case goFile.MatchString(span):
				for _, name := range functionsOf(t, filepath.Join(root, span)) {
					declared[name] = true
				}
			case folder.MatchString(span):
				if _, err := os.Stat(filepath.Join(root, span)); err != nil {
					t.Errorf("%s: %v", title, err)
				}
			}
		}
		for _, span := range spans(section) {
			if m := functionName.FindStringSubmatch(span); len(m) == 2 && !declared[m[1]] {
				t.Errorf("%s: %s is in none of its files", title, span)
			}
		}
	}
}

// functionsOf lists the functions and methods that a file declares.
func functionsOf(t *testing.T, path string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, decl := range file.Decls {
		if f, ok := decl.(*ast.FuncDecl); ok {
			names = append(names, f.Name.Name)
		}
	}
	return names
}
