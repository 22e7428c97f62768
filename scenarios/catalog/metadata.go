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
	Guilty   string   `yaml:"guilty"`
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
	var guilty, innocent []Case
	for _, folder := range folders {
		if !folder.IsDir() {
			continue
		}
		cases, err := read(files, folder.Name())
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", folder.Name(), err)
		}
		if cases[0].Variant == Innocent {
			innocent = append(innocent, cases...)
		} else {
			guilty = append(guilty, cases...)
		}
	}
	return slices.Concat(guilty, innocent), nil
}

// read returns the cases of one folder: a leaky one and its fixed twin, or an
// innocent.
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
	if twin != (m.Guilty != "") || twin != (m.Metric != "") {
		return nil, fmt.Errorf("%s: guilty, metric and %s go together", metadataFile, fixedFile)
	}
	c := Case{
		Name:      folder,
		Variant:   Innocent,
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
	leaky.Variant, leaky.Guilty, leaky.Metric = Leaky, m.Guilty, m.Metric
	leaky.BytesPerRequest, leaky.Diagnosis = m.BytesPerRequest, m.Diagnosis
	fixed.Variant = Fixed
	return []Case{leaky, fixed}, nil
}

func exists(folder fs.FS, file string) bool {
	_, err := fs.Stat(folder, file)
	return err == nil
}
