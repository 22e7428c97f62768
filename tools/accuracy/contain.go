package main

import (
	"fmt"
	"os"
	"path"
	"path/filepath"

	"github.com/goccy/go-yaml"
)

// appFolder is where the case's folder is mounted in its container.
const appFolder = "/app"

// containScenario rewrites a case's scenario so that its command runs in a
// container of the image. All else of it stays.
func containScenario(file, image string) error {
	src, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read scenario: %w", err)
	}
	var whole, target yaml.MapSlice
	if err := yaml.UnmarshalWithOptions(src, &whole, yaml.UseOrderedMap()); err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	for i := range whole {
		if whole[i].Key == "target" {
			target, _ = whole[i].Value.(yaml.MapSlice)
			whole[i].Value = target
		}
	}
	found := false
	for i := range target {
		if command, ok := target[i].Value.([]any); ok && target[i].Key == "command" {
			target[i], found = yaml.MapItem{Key: "container", Value: contained(filepath.Dir(file), command, image)}, true
		}
	}
	if !found {
		return fmt.Errorf("read %s: no target.command to run in a container", file)
	}
	out, err := yaml.Marshal(whole)
	if err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	return os.WriteFile(file, out, 0o644)
}

// contained is the container that runs a command. Its files are named by their
// place there.
func contained(dir string, command []any, image string) yaml.MapSlice {
	var words []any
	for _, word := range command {
		name := fmt.Sprint(word)
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			name = path.Join(appFolder, name)
		}
		words = append(words, name)
	}
	mounts := []yaml.MapSlice{mount(".", appFolder)}
	// Packages are installed once for all, and linked.
	if packages, err := os.Readlink(filepath.Join(dir, "node_modules")); err == nil {
		mounts = append(mounts, mount(packages, packages))
	}
	return yaml.MapSlice{
		{Key: "image", Value: image},
		{Key: "pull", Value: "never"},
		{Key: "command", Value: words},
		{Key: "mounts", Value: mounts},
	}
}

func mount(source, target string) yaml.MapSlice {
	return yaml.MapSlice{{Key: "source", Value: source}, {Key: "target", Value: target}, {Key: "read_only", Value: true}}
}
