package target

import (
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
)

// environment is a child's variables by name.
type environment map[string]string

// childEnvironment is this process's environment with o's on top.
func childEnvironment(o *Options, port int) environment {
	env := make(environment)
	for _, entry := range os.Environ() {
		name, value, _ := strings.Cut(entry, "=")
		env[name] = value
	}
	env["PORT"] = strconv.Itoa(port)
	for name, value := range o.Env {
		env[name] = o.expand(value, port)
	}
	env[RunIDVariable] = o.RunID
	return env
}

func (e environment) get(name string) string { return e[name] }

// addNodeOption has every Node in the environment run with one more option.
func (e environment) addNodeOption(word string) {
	const name = "NODE_OPTIONS"
	e[name] = strings.TrimSpace(e[name] + " " + word)
}

// list is in the form of os.Environ, sorted.
func (e environment) list() []string {
	entries := make([]string, 0, len(e))
	for _, name := range slices.Sorted(maps.Keys(e)) {
		entries = append(entries, name+"="+e[name])
	}
	return entries
}
