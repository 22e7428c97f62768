package harness

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"github.com/leakcheck/leakcheck/harness/target"
	"github.com/leakcheck/leakcheck/loadgen"
	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/scenarios"
)

// Names of the files that a run leaves in its folder.
const (
	RecordingFile = "recording.jsonl"
	LogFile       = "target.log"
)

// Options are what the scenario does not say.
type Options struct {
	Dir         string        // the run's folder, which exists
	RunID       string        //
	Tool        string        // leakcheck's version, for the recording
	Seed        uint64        // used where the scenario sets none
	MaxDuration time.Duration // 0: the scenario's
	GitCommit   string
	GitDirty    bool
}

// Plan is a scenario made ready to run.
type Plan struct {
	dir         string
	target      target.Options
	requests    []loadgen.Request
	workers     int
	header      recording.Header
	maxDuration time.Duration
}

// Compile turns a scenario into a plan. It touches neither the network nor the
// target; errors are about the scenario and what it refers to: files, and the
// environment.
func Compile(s *scenarios.Scenario, o Options) (*Plan, error) {
	topts, err := compileTarget(s, o)
	if err != nil {
		return nil, err
	}
	p := &Plan{
		dir:         o.Dir,
		target:      topts,
		workers:     s.Run.Workers,
		maxDuration: s.Run.MaxDuration,
		header:      compileHeader(s, o),
	}
	if o.MaxDuration > 0 {
		p.maxDuration = o.MaxDuration
	}
	for i := range s.Endpoints {
		p.requests = append(p.requests, compileRequest(&s.Endpoints[i], s.Run.Workers))
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	return p, nil
}

// check prepares every request once for no target, so that what cannot be sent
// is told before anything is started.
func (p *Plan) check() error {
	loader, err := p.newLoader("http://localhost")
	if err != nil {
		return err
	}
	defer loader.Close()
	for _, q := range p.requests {
		if _, err := loader.Prepare(q); err != nil {
			return err
		}
	}
	return nil
}

func (p *Plan) newLoader(baseURL string) (*loadgen.Loader, error) {
	return loadgen.New(loadgen.Options{
		BaseURL: baseURL, Workers: p.workers, Seed: p.header.Seed, LookupEnv: os.LookupEnv,
	})
}

func compileTarget(s *scenarios.Scenario, o Options) (target.Options, error) {
	texts, err := compileExpansion(&s.Target, os.LookupEnv)
	if err != nil {
		return target.Options{}, err
	}
	t := target.Options{
		Expand:  texts.expand,
		Command: slices.Clone(s.Target.Command),
		Dir:     s.Target.Dir,
		Env:     s.Target.Env,
		Port:    s.Target.Port,
		Ready:   target.Ready{Path: s.Target.Ready.Path, Timeout: s.Target.Ready.Timeout},
		LogPath: filepath.Join(o.Dir, LogFile),
		RunID:   o.RunID,
	}
	if s.Target.Ready.Log != "" {
		re, err := regexp.Compile(s.Target.Ready.Log)
		if err != nil {
			return t, fmt.Errorf("compile target.ready.log: %w", err)
		}
		t.Ready.Log = re
	}
	return t, nil
}

func compileHeader(s *scenarios.Scenario, o Options) recording.Header {
	h := recording.Header{
		Schema:     recording.Schema,
		RunID:      o.RunID,
		Tool:       o.Tool,
		Scenario:   recording.Scenario{Name: s.Name, Path: s.Path, Hash: s.Hash},
		Confidence: s.Run.Confidence,
		Seed:       o.Seed,
		Environment: recording.Environment{
			GitCommit: o.GitCommit,
			GitDirty:  o.GitDirty,
			Command:   s.Target.Command,
		},
	}
	if s.Run.Seed != 0 {
		h.Seed = s.Run.Seed
	}
	if s.Background != nil {
		h.Background.Budget = &s.Background.Budget
	}
	for i := range s.Endpoints {
		h.Endpoints = append(h.Endpoints, compileEndpoint(s, &s.Endpoints[i]))
	}
	return h
}

func compileEndpoint(s *scenarios.Scenario, e *scenarios.Endpoint) recording.Endpoint {
	out := recording.Endpoint{Name: e.Name, Request: e.Request}
	out.Budget, out.BudgetAssumed = s.EffectiveBudget(e)
	out.Rate, out.RateAssumed = s.EffectiveRate(e)
	if e.Request == "" {
		out.Request = filepath.Base(e.Targets)
	}
	if e.Waive != nil {
		out.Waive = &recording.Waive{Reason: e.Waive.Reason, Until: e.Waive.Until}
	}
	return out
}

func compileRequest(e *scenarios.Endpoint, workers int) loadgen.Request {
	r := loadgen.Request{
		Name:          e.Name,
		Method:        e.Method,
		Path:          e.URLPath,
		Headers:       e.Headers,
		Body:          []byte(e.Body),
		Targets:       e.Targets,
		TargetsFormat: e.TargetsFormat,
		AbortAfter:    e.AbortAfter,
		Timeout:       e.Timeout,
		Workers:       workers,
		Expect:        e.Expect.Match,
	}
	if e.Workers > 0 {
		r.Workers = e.Workers
	}
	if e.OpenRate != nil {
		r.OpenRate = *e.OpenRate
	}
	return r
}
