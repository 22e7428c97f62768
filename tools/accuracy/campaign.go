package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/leakcheck/leakcheck/tools/testenv"
)

// campaign does the jobs that the store does not hold yet. An error ends it,
// with what was finished kept.
func campaign(ctx context.Context, o options, jobs []job, s *store) (err error) {
	jobs = slices.DeleteFunc(jobs, func(j job) bool { return s.has(j.key()) })
	if len(jobs) == 0 {
		return nil
	}
	lab, err := newLab(ctx, o, jobs)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lab.Close()) }()
	var finished atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(o.parallel)
	for _, j := range jobs {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			r, err := lab.run(ctx, j)
			if err != nil {
				return fmt.Errorf("run %s: %w", j.key(), err)
			}
			fmt.Fprintf(os.Stderr, "[%d/%d] %s: %s, %.0f s\n", finished.Add(1), len(jobs), j.key(), r.Grade, r.Seconds)
			return s.add(r)
		})
	}
	return group.Wait()
}

// lab is what the runs share: the program, the Nodes, the database.
type lab struct {
	dir      string // of its own, removed by Close
	keep     string // below which runs' folders are kept, "" for none
	program  string
	nodeDirs map[int]string // by major version: a folder with nothing but node
	images   map[int]string // by major version, of jobs in containers
	database *testenv.MariaDB
}

// newLab builds and starts what the jobs need, and nothing else.
func newLab(ctx context.Context, o options, jobs []job) (*lab, error) {
	dir, err := os.MkdirTemp("", "accuracy-")
	if err != nil {
		return nil, fmt.Errorf("make work folder: %w", err)
	}
	l := &lab{dir: dir, keep: o.keep, program: filepath.Join(dir, "leakcheck"), nodeDirs: map[int]string{}, images: map[int]string{}}
	if err := l.prepare(ctx, o, jobs); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

func (l *lab) prepare(ctx context.Context, o options, jobs []job) error {
	if err := buildProgram(ctx, l.program); err != nil {
		return err
	}
	for _, choice := range o.nodes {
		if err := l.provide(ctx, choice, o.container); err != nil {
			return err
		}
	}
	for _, j := range jobs {
		for _, service := range j.Services {
			if err := l.start(ctx, service); err != nil {
				return err
			}
		}
	}
	return nil
}

// provide finds a Node, and makes an image of it where containers are wanted.
func (l *lab) provide(ctx context.Context, choice nodeChoice, container bool) error {
	node, err := openNode(ctx, choice)
	if err != nil {
		return err
	}
	if node.Major != choice.major {
		return fmt.Errorf("%s is Node %s, not %d", node.Path, node.Version, choice.major)
	}
	if l.nodeDirs[choice.major], err = l.linkNode(node, choice); err != nil || !container {
		return err
	}
	if err := testenv.StartEngine(ctx); err != nil {
		return err
	}
	l.images[choice.major], err = testenv.NodeImage(ctx, node)
	return err
}

// linkNode makes a folder that holds one node, to be put first on PATH.
func (l *lab) linkNode(node testenv.Node, choice nodeChoice) (string, error) {
	dir := filepath.Join(l.dir, fmt.Sprintf("node%d", choice.major))
	if err := os.Mkdir(dir, 0o755); err != nil {
		return "", fmt.Errorf("link node: %w", err)
	}
	if err := os.Symlink(node.Path, filepath.Join(dir, "node")); err != nil {
		return "", fmt.Errorf("link node: %w", err)
	}
	return dir, nil
}

func openNode(ctx context.Context, choice nodeChoice) (testenv.Node, error) {
	if choice.path != "" {
		return testenv.OpenNode(ctx, choice.path)
	}
	return testenv.FindNode(ctx, choice.major)
}

func (l *lab) start(ctx context.Context, service string) (err error) {
	if service != "mariadb" {
		return fmt.Errorf("no way to start service %q", service)
	}
	if l.database == nil {
		l.database, err = testenv.StartMariaDB(ctx)
	}
	return err
}

// Close stops the database and removes the work folder.
func (l *lab) Close() error {
	var err error
	if l.database != nil {
		err = l.database.Close()
	}
	return errors.Join(err, os.RemoveAll(l.dir))
}
