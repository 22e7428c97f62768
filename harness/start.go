package harness

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/leakcheck/leakcheck/harness/examine"
	"github.com/leakcheck/leakcheck/harness/target"
	"github.com/leakcheck/leakcheck/scenarios"
)

// starter starts the target of a plan. What takes long it tells say.
type starter func(ctx context.Context, say func(string)) (target.Target, error)

// compileTarget chooses how the target is started: as a process, as a
// container, or not at all. All that follows is the same for each.
func compileTarget(s *scenarios.Scenario, o Options, box examine.BlackBox) (starter, scenarios.Problems, error) {
	texts, problems := compileExpansion(s, o.LookupEnv)
	ready, err := compileReady(s)
	if err != nil {
		return nil, nil, err
	}
	switch {
	case s.Target.Container != nil:
		start, err := compileContainer(s, o, texts, ready)
		return start, problems, err
	case s.Target.Attach != nil:
		return compileAttach(s.Target.Attach, ready.Reach), problems, nil
	}
	return compileProcess(s, o, texts, ready, box), problems, nil
}

func compileProcess(s *scenarios.Scenario, o Options, texts expansion, ready target.Ready, box examine.BlackBox) starter {
	options := target.Options{
		Expand:  texts.expand,
		Command: slices.Clone(s.Target.Command),
		Dir:     s.Target.Dir,
		Env:     s.Target.Env,
		Port:    s.Target.Port,
		Ready:   ready,
		LogPath: filepath.Join(o.Dir, LogFile),
		RunID:   o.RunID,
		Remains: box.Dir,

		KeepInspector: s.Target.Inspect == scenarios.InspectKeep,
	}
	return func(ctx context.Context, _ func(string)) (target.Target, error) {
		if err := box.Create(); err != nil {
			return nil, fmt.Errorf("make folder for the black box: %w", err)
		}
		p, err := target.Start(ctx, options)
		if err != nil {
			return nil, err // not a Target that holds a nil
		}
		return p, nil
	}
}

func compileAttach(a *scenarios.Attach, reach target.Reach) starter {
	options := target.AttachOptions{URL: a.URL, Inspector: a.Inspector, PID: a.PID, Reach: reach}
	return func(ctx context.Context, _ func(string)) (target.Target, error) {
		t, err := target.Attach(ctx, options)
		if err != nil {
			return nil, err
		}
		return t, nil
	}
}

func compileReady(s *scenarios.Scenario) (target.Ready, error) {
	r := &s.Target.Ready
	ready := target.Ready{Path: r.Path, Timeout: r.Timeout, Reach: compileReach(s)}
	var err error
	if ready.Log, err = compilePattern(r.Log); err != nil {
		return ready, fmt.Errorf("compile target.ready.log: %w", err)
	}
	return ready, nil
}

// compilePattern is nil for "".
func compilePattern(text string) (*regexp.Regexp, error) {
	if text == "" {
		return nil, nil
	}
	return regexp.Compile(text)
}

// imageOf is what the recording says of a target in a container.
func imageOf(s *scenarios.Scenario) string {
	switch c := s.Target.Container; {
	case c == nil:
		return ""
	case c.Build != nil:
		return "build"
	default:
		return c.ImageSpec.Image
	}
}
