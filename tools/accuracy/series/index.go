package series

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/goccy/go-yaml"
)

// IndexFile is the index's name within its folder.
const IndexFile = "index.yaml"

// Entry is what is known of one series.
type Entry struct {
	File string `yaml:"file"` // within the index's folder
	App  string `yaml:"app"`  // "closure-cache/leaky"
	Node string `yaml:"node"` // "v24.21.0"
	// Leaky is the endpoint that leaks ("background" for a leak by the clock),
	// "" when nothing does.
	Leaky string `yaml:"leaky,omitempty"`
	// BytesPerRequest is what Leaky retains, known from elsewhere than the
	// series; 0 when it is not known.
	BytesPerRequest float64 `yaml:"bytes_per_request,omitempty"`
}

// ReadIndex reads the index of the series in dir.
func ReadIndex(dir string) ([]Entry, error) {
	src, err := os.ReadFile(filepath.Join(dir, IndexFile))
	if err != nil {
		return nil, fmt.Errorf("read index: %w", err)
	}
	var entries []Entry
	if err := yaml.UnmarshalWithOptions(src, &entries, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("read index of %s: %w", dir, err)
	}
	return entries, nil
}

// WriteIndex replaces the index of dir.
func WriteIndex(dir string, entries []Entry) error {
	out, err := yaml.Marshal(entries)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, IndexFile), out, 0o644)
	}
	if err != nil {
		return fmt.Errorf("write index: %w", err)
	}
	return nil
}
