package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"sync"
)

// store keeps results by their key, and in a file of JSON lines when it has a
// path. It is safe for concurrent use.
type store struct {
	path string
	mu   sync.Mutex
	done map[key]Result
}

// openStore reads what the file holds already. No path, or no file yet, is an
// empty store.
func openStore(path string) (*store, error) {
	s := &store{path: path, done: map[key]Result{}}
	if path == "" {
		return s, nil
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open results: %w", err)
	}
	defer f.Close()
	if err := s.read(f); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return s, nil
}

func (s *store) read(r io.Reader) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		if len(lines.Bytes()) == 0 {
			continue
		}
		var result Result
		if err := json.Unmarshal(lines.Bytes(), &result); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		s.done[result.key] = result
	}
	return lines.Err()
}

func (s *store) has(k key) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.done[k]
	return ok
}

// add appends one line in one write, so that several shards may share a file.
func (s *store) add(r Result) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done[r.key] = r
	if s.path == "" {
		return nil
	}
	line, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encode result: %w", err)
	}
	f, err := os.OpenFile(s.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("keep result: %w", err)
	}
	_, err = f.Write(append(line, '\n'))
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("keep result: %w", err)
	}
	return nil
}

// results are in the order of the table.
func (s *store) results() []Result {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Result, 0, len(s.done))
	for _, r := range s.done {
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b Result) int {
		return cmp.Or(cmp.Compare(a.Case, b.Case), cmp.Compare(a.Variant, b.Variant),
			cmp.Compare(a.Node, b.Node), cmp.Compare(a.Seed, b.Seed), cmp.Compare(count(a.Container), count(b.Container)))
	})
	return all
}
