package sources

import (
	"encoding/json"
	"path"
	"strings"

	"github.com/leakcheck/leakcheck/sampler/evidence"
)

const modules = "/node_modules/"

// origin tells the app's files from a dependency's, whose package it names with
// the version that the nearest package.json gives.
func (r *Resolver) origin(file string) (evidence.Origin, string) {
	if !strings.Contains(file, modules) {
		return evidence.App, ""
	}
	return evidence.Dependency, r.packageOf(path.Dir(file))
}

// packageOf walks up from dir to a package.json that names a package. Without
// one (code that was bundled), the path tells the name.
func (r *Resolver) packageOf(dir string) string {
	if name, ok := r.packages[dir]; ok {
		return name
	}
	name := r.readPackage(dir)
	switch {
	case name != "":
	case path.Base(path.Dir(dir)) == "node_modules", strings.HasPrefix(path.Base(path.Dir(dir)), "@"), !strings.Contains(path.Dir(dir), modules):
		name = nameInPath(dir)
	default:
		name = r.packageOf(path.Dir(dir))
	}
	r.packages[dir] = name
	return name
}

func (r *Resolver) readPackage(dir string) string {
	text, err := r.reader.ReadFile(path.Join(dir, "package.json"))
	if err != nil {
		return ""
	}
	var p struct{ Name, Version string }
	if json.Unmarshal([]byte(text), &p) != nil || p.Name == "" || p.Version == "" {
		return "" // {"type": "module"} stands in folders of a package
	}
	return p.Name + "@" + p.Version
}

// nameInPath is "@scope/name" or "name" after the last node_modules.
func nameInPath(dir string) string {
	rest, _ := afterLast(dir+"/", modules)
	parts := strings.SplitN(rest, "/", 3)
	if strings.HasPrefix(parts[0], "@") && len(parts) > 1 {
		return parts[0] + "/" + parts[1]
	}
	return parts[0]
}

func afterLast(s, sep string) (after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return "", false
	}
	return s[i+len(sep):], true
}
