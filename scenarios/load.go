package scenarios

import (
	"fmt"
	"io"
	"path/filepath"

	"github.com/leakcheck/leakcheck/loadgen/infile"
)

// maxFile bounds a scenario and its body files, in bytes: whoever needs more
// has given the wrong file.
const maxFile = 10e6

// Load reads the scenario at path, and the files that it names. The error is
// Problems when the file could be read.
func Load(path string) (*Scenario, error) {
	src, err := readFile(path)
	if err != nil {
		return nil, fmt.Errorf("read scenario: %w", err)
	}
	return Parse(path, src)
}

// Parse reads a scenario from src. Files that it names are looked for relative
// to path, which need not exist. The error is Problems.
func Parse(path string, src []byte) (*Scenario, error) {
	dir, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return nil, Problems{{File: path, Message: err.Error()}}
	}
	d := newDecoder(path, dir, src)
	s := &Scenario{Path: path}
	if root := d.parse(src); root != nil {
		d.root(root, s)
		c := checker{decoder: d, bodies: map[string][]byte{}, ports: map[string]int{}}
		c.scenario(s)
		if len(d.problems) == 0 {
			s.Hash, s.positions = hash(s, dir, c.bodies), &d.positions
			identify(s, dir, c.bodies)
			return s, nil
		}
	}
	d.problems.sort(path)
	return nil, d.problems
}

// readFile reads a file up to one byte more than maxFile, so that too large a file
// is noticed and never loaded.
func readFile(path string) ([]byte, error) {
	f, err := infile.Open(path)
	if err != nil {
		return nil, err
	}
	src, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return src, err
}
