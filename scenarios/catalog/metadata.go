package catalog

import (
	"fmt"
	"io/fs"
	"slices"

	"github.com/goccy/go-yaml"
)

// The files that tell what a folder holds.
const (
	metadataFile = "case.yaml"
	scenarioFile = "scenario.yaml"
	fixedFile    = "fixed.yaml"
	lockFile     = "package-lock.json"
)

// metadata is a case.yaml.
type metadata struct {
	Pattern  string   `yaml:"pattern"`
	Summary  string   `yaml:"summary"`
	Leaking  string   `yaml:"leaking"`
	Metric   string   `yaml:"metric"`
	Services []string `yaml:"services"`

	Diagnosis       Diagnosis `yaml:"diagnosis"`
	BytesPerRequest float64   `yaml:"bytes_per_request"`
	// Reference is only for what was published.
	Reference string `yaml:"reference"`
}

// Load reads the cases of a file system that has a folder for each name, in the
// order of Cases.
func Load(files fs.FS) ([]Case, error) {
	folders, err := fs.ReadDir(files, ".")
	if err != nil {
		return nil, fmt.Errorf("list folders: %w", err)
	}
	var leaking, healthy []Case
	for _, folder := range folders {
		if !folder.IsDir() {
			continue
		}
		cases, err := read(files, folder.Name())
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", folder.Name(), err)
		}
		if cases[0].Variant == Healthy {
			healthy = append(healthy, cases...)
		} else {
			leaking = append(leaking, cases...)
		}
	}
	return slices.Concat(leaking, healthy), nil
}

// read returns the cases of one folder: a leaky one and its fixed twin, or an
// healthy.
func read(files fs.FS, folder string) ([]Case, error) {
	var m metadata
	own, err := fs.Sub(files, folder)
	if err != nil {
		return nil, err
	}
	src, err := fs.ReadFile(own, metadataFile)
	if err != nil {
		return nil, err
	}
	if err := yaml.UnmarshalWithOptions(src, &m, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("%s: %w", metadataFile, err)
	}
	twin := exists(own, fixedFile)
	if twin != (m.Leaking != "") || twin != (m.Metric != "") {
		return nil, fmt.Errorf("%s: leaking, metric and %s go together", metadataFile, fixedFile)
	}
	c := Case{
		Name:      folder,
		Variant:   Healthy,
		Pattern:   m.Pattern,
		Summary:   m.Summary,
		Packages:  exists(own, lockFile),
		Services:  m.Services,
		Reference: m.Reference,
		files:     own,
	}
	if !twin {
		return []Case{c}, nil
	}
	leaky, fixed := c, c
	leaky.Variant, leaky.Leaking, leaky.Metric = Leaky, m.Leaking, m.Metric
	leaky.BytesPerRequest, leaky.Diagnosis = m.BytesPerRequest, m.Diagnosis
	fixed.Variant = Fixed
	return []Case{leaky, fixed}, nil
}

func exists(folder fs.FS, file string) bool {
	_, err := fs.Stat(folder, file)
	return err == nil
}
