// Command npm makes the packages by which users of Node.js install leakcheck:
// one for each platform, which holds its binary, and a thin one that depends on
// all of them and starts the binary of the machine.
package main

import (
	_ "embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

//go:embed leakcheck.js
var launcher []byte

// platform is one that is released, as Go and as Node.js call it.
type platform struct{ goos, goarch, os, cpu string }

var platforms = []platform{
	{"linux", "amd64", "linux", "x64"},
	{"linux", "arm64", "linux", "arm64"},
	{"darwin", "amd64", "darwin", "x64"},
	{"darwin", "arm64", "darwin", "arm64"},
}

func (p platform) name() string { return "@leakcheck/" + p.os + "-" + p.cpu }

// manifest is a package.json.
type manifest struct {
	Name                 string            `json:"name"`
	Version              string            `json:"version"`
	Description          string            `json:"description"`
	License              string            `json:"license"`
	Repository           string            `json:"repository"`
	OS                   []string          `json:"os,omitempty"`
	CPU                  []string          `json:"cpu,omitempty"`
	Bin                  map[string]string `json:"bin,omitempty"`
	Files                []string          `json:"files"`
	Engines              map[string]string `json:"engines,omitempty"`
	OptionalDependencies map[string]string `json:"optionalDependencies,omitempty"`
}

func main() {
	version := flag.String("version", "", "version of the packages, with or without a leading v")
	dist := flag.String("dist", "dist", "folder with the binaries, as goreleaser leaves it")
	out := flag.String("out", "bin/npm", "folder to write the packages into")
	flag.Parse()
	if err := write(strings.TrimPrefix(*version, "v"), *dist, *out); err != nil {
		fmt.Fprintln(os.Stderr, "npm:", err)
		os.Exit(1)
	}
}

// write makes the packages of the binaries that are in dist.
func write(version, dist, out string) error {
	if version == "" {
		return errors.New("no version is given")
	}
	thin := base("leakcheck", version)
	thin.Bin, thin.Files = map[string]string{"leakcheck": "leakcheck.js"}, []string{"leakcheck.js", "README.md"}
	thin.Engines, thin.OptionalDependencies = map[string]string{"node": ">=18"}, map[string]string{}
	for _, p := range platforms {
		thin.OptionalDependencies[p.name()] = version
		found, err := filepath.Glob(filepath.Join(dist, "leakcheck_"+p.goos+"_"+p.goarch+"*", "leakcheck"))
		if err != nil {
			return err
		}
		if len(found) != 1 {
			return fmt.Errorf("%s holds %d binaries for %s/%s, want one", dist, len(found), p.goos, p.goarch)
		}
		binary, err := os.ReadFile(found[0])
		if err != nil {
			return err
		}
		m := base(p.name(), version)
		m.OS, m.CPU, m.Files = []string{p.os}, []string{p.cpu}, []string{"leakcheck"}
		if err := save(filepath.Join(out, p.os+"-"+p.cpu), m, "leakcheck", binary); err != nil {
			return err
		}
	}
	dir := filepath.Join(out, "leakcheck")
	if err := save(dir, thin, "leakcheck.js", launcher); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "README.md"), []byte(readme), 0o644)
}

const readme = `# leakcheck

Finds memory leaks in Node.js servers, per endpoint, under load:

    npx leakcheck init
    npx leakcheck run scenario.yaml

This package starts the binary of one of its optional dependencies. See
https://github.com/leakcheck/leakcheck for what it does.
`

func base(name, version string) manifest {
	return manifest{
		Name: name, Version: version, Description: "Finds memory leaks in Node.js servers, per endpoint, under load",
		License: "Apache-2.0", Repository: "github:leakcheck/leakcheck",
	}
}

// save writes a package with one file.
func save(dir string, m manifest, name string, content []byte) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "package.json"), append(text, '\n'), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, name), content, 0o755) //nolint:gosec // it is a program
}
