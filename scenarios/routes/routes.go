// Package routes finds what an app serves in its source code, without running
// it: it follows the imports from the file that is started, and works out what
// the calls that declare routes are given (paths, prefixes, routers that are
// mounted on others), whichever framework they belong to. Frameworks whose
// folders are the routes are read from the folders.
package routes

import (
	"cmp"
	"path/filepath"
	"slices"
	"strings"
)

// Route is a request that the app answers.
type Route struct {
	Method  string   // in capitals
	Path    string   // as a pattern: /users/:id
	File    string   // where it is declared, relative to the app's folder
	Line    int      // 0 for a file that is a route
	Fields  []string // that its handler reads of the body
	Answers []string // that its handler's JSON has
	// Loose says that how the router is mounted was not seen, so that the path
	// may lack a prefix.
	Loose bool
}

// Found is what the code of an app tells.
type Found struct {
	Routes []Route
	Port   Port
	// Files were read. Unread could not be parsed: each with the reason.
	Files  int
	Unread []string
	// Unknown are calls that declare routes whose paths could not be worked out.
	Unknown []string
}

// Port is where the app listens. Env is the variable that it reads it from, ""
// for none; Number is the one in the code, 0 for none.
type Port struct {
	Env    string
	Number int
}

// In finds the routes of the app in dir that starts with the file entry, which
// is relative to dir and may be "".
func In(dir, entry string) *Found {
	if absolute, err := filepath.Abs(dir); err == nil {
		dir = absolute
	}
	p := newProgram(dir)
	if entry != "" {
		p.load(filepath.Join(dir, entry))
		p.callWhatIsLeft()
	}
	f := &Found{Port: p.port, Files: len(p.modules), Unread: p.unread, Unknown: p.unknown}
	f.Routes = append(p.declared(), inFolders(dir)...)
	for i := range f.Routes {
		r := &f.Routes[i]
		r.Path = tidy(r.Path)
		if rel, err := filepath.Rel(dir, r.File); err == nil {
			r.File = filepath.ToSlash(rel)
		}
	}
	f.Routes = unique(f.Routes)
	return f
}

// unique leaves the first of equal routes.
func unique(all []Route) []Route {
	seen := map[string]bool{}
	return slices.DeleteFunc(all, func(r Route) bool {
		key := r.Method + " " + r.Path
		double := seen[key]
		seen[key] = true
		return double
	})
}

// tidy joins the slashes of prefixes and paths.
func tidy(path string) string {
	for strings.Contains(path, "//") {
		path = strings.ReplaceAll(path, "//", "/")
	}
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return path
}

// join mounts a path below a prefix. A router's own "/" is the prefix itself.
func join(prefix, path string) string {
	prefix = strings.TrimSuffix(prefix, "/")
	if path == "/" && prefix != "" {
		return prefix
	}
	if path != "" && !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return cmp.Or(prefix+path, "/")
}

// verbs are the methods that declare a route, as frameworks spell them.
var verbs = map[string]string{
	"get": "GET", "post": "POST", "put": "PUT", "patch": "PATCH", "delete": "DELETE", "del": "DELETE",
	"head": "HEAD", "options": "OPTIONS", "all": "GET", "any": "GET",
}
