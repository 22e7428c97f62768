package draft

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/leakcheck/leakcheck/scenarios/routes"
)

// Served are the routes of the app in dir that a command starts, as far as its code
// tells. Each names the file that declares it.
func Served(dir string, command []string) []routes.Route {
	i := slices.IndexFunc(command, func(w string) bool {
		return slices.Contains([]string{".js", ".cjs", ".mjs", ".ts", ".mts", ".cts"}, filepath.Ext(w))
	})
	if i >= 0 {
		return routes.In(dir, sourceOf(dir, command[i])).Routes
	}
	m, err := readManifest(dir)
	if err != nil {
		return nil // no app of Node's
	}
	return m.code(dir).Routes
}

// Answers reports whether a route answers a request of a scenario, whose path may
// have templates.
func Answers(r *routes.Route, method, path string) bool {
	path, _, _ = strings.Cut(path, "?")
	if r.Method != method {
		return false
	}
	pattern, parts := strings.Split(r.Path, "/"), strings.Split(path, "/")
	for i, p := range pattern {
		switch {
		case strings.HasPrefix(p, "*") || strings.HasPrefix(p, "[..."):
			return true
		case i >= len(parts):
			return false
		case strings.ContainsAny(p, ":{[(") || strings.Contains(parts[i], "{{") || p == parts[i]:
		default:
			return false
		}
	}
	return len(pattern) == len(parts)
}
