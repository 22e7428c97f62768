package harness

import (
	"cmp"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/leakcheck/leakcheck/harness/examine"
	"github.com/leakcheck/leakcheck/harness/target"
	"github.com/leakcheck/leakcheck/loadgen"
	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/scenarios"
	"github.com/leakcheck/leakcheck/scenarios/compose"
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
	GitTime     time.Time // of the commit
	Repository  recording.Repository
	// KeepSnapshots of what leaks; "" is examine.KeepRedacted.
	KeepSnapshots examine.Keep
	// LookupEnv is the environment that templates read; nil: os.LookupEnv.
	LookupEnv func(string) (string, bool)
}

// Plan is a scenario made ready to run.
type Plan struct {
	dir         string
	start       starter
	scenario    *scenarios.Scenario // for the places of what goes wrong
	setup       []loadgen.Step
	requests    []loadgen.Request
	workers     int
	reach       target.Reach
	lookupEnv   func(string) (string, bool)
	header      recording.Header
	maxDuration time.Duration
	notes       []string

	examine  examine.Options
	blackBox examine.BlackBox
}

// Compile turns a scenario into a plan. It uses neither the network nor the
// target, and writes nothing. What is wrong with what the scenario refers to,
// files and the environment, is told as scenarios.Problems.
func Compile(s *scenarios.Scenario, o Options) (*Plan, error) {
	if o.LookupEnv == nil {
		o.LookupEnv = os.LookupEnv
	}
	s, notes, err := compose.Resolve(s)
	if err != nil {
		return nil, err
	}
	p, problems, err := newPlan(s, o)
	if err != nil {
		return nil, err
	}
	p.notes = notes
	for i := range s.Endpoints {
		p.requests = append(p.requests, compileRequest(&s.Endpoints[i], s.Run.Workers))
		p.addDriver(s, i, o.RunID)
	}
	misread := p.assignRates(s)
	unsendable, err := p.check(s)
	if err != nil {
		return nil, err
	}
	if problems = append(append(problems, misread...), unsendable...); len(problems) > 0 {
		return nil, problems
	}
	return p, nil
}

// newPlan is the plan without its requests.
func newPlan(s *scenarios.Scenario, o Options) (*Plan, scenarios.Problems, error) {
	p := &Plan{
		dir:         o.Dir,
		scenario:    s,
		setup:       compileSteps(s.Setup, nil),
		workers:     s.Run.Workers,
		reach:       compileReach(s),
		lookupEnv:   o.LookupEnv,
		maxDuration: cmp.Or(o.MaxDuration, s.Run.MaxDuration),
		header:      compileHeader(s, o),
		examine: examine.Options{
			Dir:         o.Dir,
			Keep:        cmp.Or(o.KeepSnapshots, examine.KeepRedacted),
			NoSnapshots: off(s.Diagnose.Snapshots), NoSource: off(s.Diagnose.Source),
			Timeout: cmp.Or(s.Diagnose.Timeout, scenarios.DefaultDiagnosis),
		},
	}
	var problems scenarios.Problems
	var err error
	if s.Diagnose.BlackBox {
		if p.blackBox, err = examine.NewBlackBox(o.Dir); err != nil {
			return nil, nil, err
		}
	}
	p.start, problems, err = compileTarget(s, o, p.blackBox)
	return p, problems, err
}

// Notes are what the user should know before the run: where production's rates
// came from, what of a Compose file is left out.
func (p *Plan) Notes() []string { return p.notes }

func (p *Plan) newLoader(baseURL string) (*loadgen.Loader, error) {
	return loadgen.New(loadgen.Options{
		BaseURL: baseURL, Workers: p.workers, Seed: p.header.Seed, LookupEnv: p.lookupEnv,
		TLS: p.reach.TLS, SetupHTTP2: p.reach.HTTP2,
	})
}

func compileHeader(s *scenarios.Scenario, o Options) recording.Header {
	h := recording.Header{
		Schema:     recording.Schema,
		RunID:      o.RunID,
		Tool:       o.Tool,
		Scenario:   recording.Scenario{Name: s.Name, Path: s.Path, Hash: s.Hash, Quick: s.Hurried},
		Screened:   s.Screens(),
		Confidence: s.Run.Confidence,
		Seed:       o.Seed,
		Environment: recording.Environment{
			GitCommit:  o.GitCommit,
			GitDirty:   o.GitDirty,
			GitTime:    o.GitTime,
			Repository: o.Repository,
			Command:    s.Target.Command,
			Image:      imageOf(s),
		},
	}
	if len(s.Others) > 0 {
		h.Scenario.Endpoints = len(s.Endpoints) + len(s.Others)
	}
	if s.Run.Seed != 0 {
		h.Seed = s.Run.Seed
	}
	if s.Background != nil {
		h.Background.Budget = &s.Background.Budget
	} else {
		budget := s.OverallBudget()
		h.Background = recording.Background{Budget: &budget, Assumed: true}
	}
	for i := range s.Endpoints {
		h.Endpoints = append(h.Endpoints, compileEndpoint(s, &s.Endpoints[i]))
	}
	return h
}

func compileEndpoint(s *scenarios.Scenario, e *scenarios.Endpoint) recording.Endpoint {
	out := recording.Endpoint{Name: e.Name, Request: e.Request, Identity: e.Identity}
	out.Budget, out.BudgetAssumed = s.EffectiveBudget(e)
	out.Rate, out.RateAssumed = s.EffectiveRate(e)
	switch {
	case e.Targets != "":
		out.Request = filepath.Base(e.Targets)
	case len(e.Flow) > 0:
		out.Request = flowText(e.Flow)
	case len(e.Exec) > 0:
		out.Request = strings.Join(e.Exec, " ")
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
		Steps:         compileSteps(e.Flow, e.Headers),
		Content:       compileContent(&e.Message),
		Client:        compileClient(&e.Client),
		Shape:         compileShape(e),
	}
	if e.Data != nil {
		r.Data, r.DataOrder = e.Data.Table, loadgen.Order(e.Data.Order)
	}
	if e.Workers > 0 {
		r.Workers = e.Workers
	}
	if e.OpenRate != nil {
		r.OpenRate = *e.OpenRate
	}
	return r
}
