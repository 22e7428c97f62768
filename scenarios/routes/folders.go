package routes

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/tdewolff/parse/v2/js"

	"github.com/leakcheck/leakcheck/scenarios/jsparse"
)

// folder is where a framework keeps files that are routes.
type folder struct {
	framework string // the package that the app depends on
	dirs      []string
	routes    func(dir, file string) []Route
}

var folders = []folder{
	{"next", []string{"app", "src/app"}, nextApp},
	{"next", []string{"pages", "src/pages"}, nextPages},
	{"astro", []string{"src/pages"}, astroPages},
	{"nuxt", []string{"server/api", "server/routes", "server"}, nitro},
	{"nuxt", []string{"pages", "app/pages"}, vuePages},
	{"nitropack", []string{"server/api", "server/routes", "api", "routes"}, nitro},
	{"@sveltejs/kit", []string{"src/routes"}, svelteKit},
	{"@remix-run/node", []string{"app/routes"}, flatRoutes},
	{"@react-router/node", []string{"app/routes"}, flatRoutes},
}

// inFolders are the routes that files are.
func inFolders(dir string) []Route {
	packages := dependencies(dir)
	var all []Route
	for _, f := range folders {
		if !packages[f.framework] {
			continue
		}
		for _, d := range f.dirs {
			root := filepath.Join(dir, d)
			for _, file := range filesIn(root) {
				for _, r := range f.routes(root, file) {
					r.File = filepath.Join(root, file)
					all = append(all, r)
				}
			}
		}
	}
	if packages["@react-router/node"] {
		all = append(all, reactRouter(dir)...)
	}
	return all
}

// dependencies are the packages that the app in dir names.
func dependencies(dir string) map[string]bool {
	all := map[string]bool{}
	text, err := os.ReadFile(filepath.Join(dir, "package.json"))
	if err != nil {
		return all
	}
	v := readObject(text)
	for _, key := range []string{"dependencies", "devDependencies"} {
		if o, ok := field(v, key).(*object); ok {
			for name := range o.fields {
				all[name] = true
			}
		}
	}
	return all
}

// filesIn lists the files below root, relative to it.
func filesIn(root string) []string {
	var all []string
	entries, err := os.ReadDir(root)
	if err != nil {
		return nil
	}
	for _, e := range entries {
		if !e.IsDir() {
			if !aside.MatchString(e.Name()) {
				all = append(all, e.Name())
			}
			continue
		}
		for _, inner := range filesIn(filepath.Join(root, e.Name())) {
			all = append(all, e.Name()+"/"+inner)
		}
	}
	return all
}

// cut splits a file's path into its folders, its stem and its extension.
func cut(file string) (dirs []string, stem, ext string) {
	parts := strings.Split(file, "/")
	base := parts[len(parts)-1]
	ext = filepath.Ext(base)
	return parts[:len(parts)-1], strings.TrimSuffix(base, ext), ext
}

var (
	restParam     = regexp.MustCompile(`^\[\[?\.\.\.(\w+)\]?\]$`)
	optionalParam = regexp.MustCompile(`\[\[(\w+)(?:=\w+)?\]\]`)
	oneParam      = regexp.MustCompile(`\[(\w+)(?:=\w+)?\]`)
	grouping      = regexp.MustCompile(`^\(.*\)$`)
)

// segmentsPath joins the folders of a route: groups vanish, [id] is :id, and
// [...rest] is *rest.
func segmentsPath(parts []string) string {
	path := ""
	for _, p := range parts {
		switch {
		case grouping.MatchString(p), p == "index", p == "":
			continue
		case restParam.MatchString(p):
			p = "*" + restParam.FindStringSubmatch(p)[1]
		default:
			p = oneParam.ReplaceAllString(optionalParam.ReplaceAllString(p, ":$1?"), ":$1")
		}
		path += "/" + p
	}
	if path == "" {
		return "/"
	}
	return path
}

// exportedVerbs are the methods that a file exports a function for; none when
// it cannot be read.
func exportedVerbs(path string) []string {
	source, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	file, err := jsparse.Parse(path, source)
	if err != nil {
		return nil
	}
	var all []string
	for _, name := range exportedNames(file) {
		if _, ok := verbs[strings.ToLower(name)]; !ok || name != strings.ToUpper(name) {
			continue
		}
		if name == "ALL" {
			name = "GET"
		}
		all = append(all, name)
	}
	return distinct(all)
}

// exportedNames are the names that a file exports.
func exportedNames(file *jsparse.File) []string {
	var all []string
	for _, s := range file.AST.List {
		e, ok := s.(*js.ExportStmt)
		if !ok {
			continue
		}
		for _, a := range e.List {
			all = append(all, string(a.Binding))
		}
		switch d := e.Decl.(type) {
		case *js.FuncDecl:
			if d.Name != nil {
				all = append(all, string(d.Name.Name()))
			}
		case *js.VarDecl:
			for i := range d.List {
				all = append(all, bound(d.List[i].Binding)...)
			}
		}
	}
	return all
}

func get(path string) []Route { return []Route{{Method: "GET", Path: path}} }

func verbsAt(methods []string, path string) []Route {
	var all []Route
	for _, m := range methods {
		all = append(all, Route{Method: m, Path: path})
	}
	return all
}

func isCode(ext string) bool { return slices.Contains(jsparse.Extensions, ext) }

// nextApp reads Next's app folder: page.tsx and route.ts.
func nextApp(root, file string) []Route {
	dirs, stem, ext := cut(file)
	for _, d := range dirs {
		if strings.HasPrefix(d, "_") || strings.HasPrefix(d, "@") || strings.HasPrefix(d, "(.") {
			return nil // private, a slot, or shown over another page
		}
	}
	switch {
	case !isCode(ext) && ext != ".mdx":
	case stem == "page":
		return get(segmentsPath(dirs))
	case stem == "route":
		return verbsAt(exportedVerbs(filepath.Join(root, file)), segmentsPath(dirs))
	}
	return nil
}

// nextPages reads Next's pages folder. What pages/api answers to is not told by
// its exports.
func nextPages(root, file string) []Route {
	dirs, stem, ext := cut(file)
	if !isCode(ext) && ext != ".mdx" || strings.HasPrefix(stem, "_") || stem == "404" || stem == "500" {
		return nil
	}
	path := segmentsPath(append(dirs, stem))
	if len(dirs) == 0 || dirs[0] != "api" {
		return get(path)
	}
	return verbsAt(methodsCompared(filepath.Join(root, file)), path)
}

var comparedMethod = regexp.MustCompile(`\bmethod\s*[=!]==?\s*['"](GET|POST|PUT|PATCH|DELETE)['"]|case\s+['"](GET|POST|PUT|PATCH|DELETE)['"]`)

// methodsCompared are the methods that a handler compares the request's with;
// GET for one that compares none.
func methodsCompared(path string) []string {
	source, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	var all []string
	for _, m := range comparedMethod.FindAllSubmatch(source, -1) {
		all = append(all, string(m[1])+string(m[2]))
	}
	if len(all) == 0 {
		return []string{"GET"}
	}
	return distinct(all)
}

func astroPages(root, file string) []Route {
	dirs, stem, ext := cut(file)
	if strings.HasPrefix(stem, "_") || slices.ContainsFunc(dirs, func(d string) bool { return strings.HasPrefix(d, "_") }) {
		return nil
	}
	path := segmentsPath(append(dirs, stem))
	switch {
	case ext == ".astro" || ext == ".md" || ext == ".mdx" || ext == ".html":
		return get(path)
	case isCode(ext):
		return verbsAt(exportedVerbs(filepath.Join(root, file)), path)
	}
	return nil
}

// nitro reads server/api and server/routes, where the method ends the name.
func nitro(root, file string) []Route {
	if filepath.Base(root) == "server" {
		return nil
	}
	dirs, stem, ext := cut(file)
	if !isCode(ext) {
		return nil
	}
	method := "GET"
	if name, verb, ok := cutLast(stem, "."); ok && verbs[verb] != "" {
		stem, method = name, verbs[verb]
	}
	if filepath.Base(root) == "api" {
		dirs = append([]string{"api"}, dirs...)
	}
	return verbsAt([]string{method}, segmentsPath(append(dirs, stem)))
}

func cutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

func vuePages(_, file string) []Route {
	dirs, stem, ext := cut(file)
	if ext != ".vue" {
		return nil
	}
	return get(segmentsPath(append(dirs, stem)))
}

func svelteKit(root, file string) []Route {
	dirs, stem, ext := cut(file)
	switch {
	case stem == "+page" && ext == ".svelte":
		return get(segmentsPath(dirs))
	case stem == "+server" && isCode(ext):
		return verbsAt(exportedVerbs(filepath.Join(root, file)), segmentsPath(dirs))
	}
	return nil
}
