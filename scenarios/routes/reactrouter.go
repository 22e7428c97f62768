package routes

import (
	"path/filepath"
	"strings"
)

// flatRoutes reads Remix's names: users.$id.edit.tsx is /users/:id/edit.
func flatRoutes(_, file string) []Route {
	dirs, stem, ext := cut(file)
	if !isCode(ext) || len(dirs) > 1 || len(dirs) == 1 && stem != "route" && stem != "index" {
		return nil
	}
	if len(dirs) == 1 {
		stem = dirs[0]
	}
	path := ""
	for _, p := range strings.Split(stem, ".") {
		switch {
		case p == "_index" || strings.HasPrefix(p, "_"):
			continue
		case p == "$":
			p = "*rest"
		case strings.HasPrefix(p, "$"):
			p = ":" + p[1:]
		}
		path += "/" + strings.Trim(strings.TrimSuffix(p, "_"), "[]")
	}
	return get(join("", path))
}

// reactRouter reads app/routes.ts: index(file), route(path, file, children),
// layout(file, children) and prefix(path, children).
func reactRouter(dir string) []Route {
	path := existing(filepath.Join(dir, "app", "routes"))
	if path == "" {
		return nil
	}
	p := newProgram(dir)
	return configured(defaultOf(p.load(path)), "", path, maxNest)
}

func configured(v value, prefix, file string, depth int) []Route {
	if depth == 0 {
		return nil
	}
	var all []Route
	for _, item := range items(v) {
		t, ok := item.(*thing)
		if !ok || !t.made || t.owner == nil {
			continue
		}
		switch t.owner.member {
		case "index":
			all = append(all, Route{Method: "GET", Path: join(prefix, "/"), File: file})
		case "layout":
			all = append(all, configured(last(t.args), prefix, file, depth-1)...)
		case "route", "prefix":
			s, _ := text(first(t.args))
			at := join(prefix, s)
			if t.owner.member == "route" {
				all = append(all, Route{Method: "GET", Path: at, File: file})
			}
			if len(t.args) > 1 {
				all = append(all, configured(last(t.args), at, file, depth-1)...)
			}
		}
	}
	return all
}

func last(args []value) value {
	if len(args) == 0 {
		return nil
	}
	return args[len(args)-1]
}
