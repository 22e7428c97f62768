package loadgen

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/leakcheck/leakcheck/loadgen/template"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// Endpoint is a compiled Request.
type Endpoint struct {
	name       string
	messages   []*message // sent in turn
	visits     [][]step   // done in turn, instead of sending messages
	flow       bool       // a visit is a flow, with cookies
	driver     Driver     // performs the operations, instead of all of these
	data       *feed
	turn       atomic.Uint64
	seed       uint64
	expect     func(status int) bool
	abortAfter time.Duration
	client     Client
	timeout    time.Duration
	workers    int
	openRate   unit.PerSecond
	shape      Shape
}

// Prepare compiles the templates of r and reads its files. Its errors name the
// endpoint; in them is a *PartError where one part of r is wrong.
func (l *Loader) Prepare(r Request) (*Endpoint, error) {
	e, err := l.prepare(r)
	if err != nil {
		return nil, fmt.Errorf("prepare endpoint %q: %w", r.Name, err)
	}
	return e, nil
}

func (l *Loader) prepare(r Request) (*Endpoint, error) {
	if r.Workers < 0 || r.OpenRate < 0 || r.Timeout < 0 || r.AbortAfter < 0 {
		return nil, fmt.Errorf("negative workers, rate, timeout or abort_after")
	}
	if err := errors.Join(r.Client.check(&r), r.Shape.check(r.OpenRate)); err != nil {
		return nil, err
	}
	e := &Endpoint{
		name: r.Name, client: r.Client, data: newFeed(r.Data, r.DataOrder), seed: l.opts.Seed, expect: r.Expect, abortAfter: r.AbortAfter, openRate: r.OpenRate, shape: r.Shape,
		timeout: orDefault(r.Timeout, l.opts.Timeout),
		workers: orDefault(r.Workers, l.opts.Workers),
	}
	e.workers *= max(1, r.Client.Pipeline) // each connection serves as many
	if e.expect == nil {
		e.expect = success
	}
	if r.Driver != nil {
		e.driver = r.Driver
		return e, nil
	}
	if len(r.Steps) > 0 {
		steps, err := l.compileSteps(r.Steps, r.columns())
		e.visits, e.flow = [][]step{steps}, true
		return e, err
	}
	if err := l.compileMessages(e, &r); err != nil {
		return nil, err
	}
	return e, nil
}

// compileMessages makes a visit of each message when one refers to captured
// values, which change while it is sent.
func (l *Loader) compileMessages(e *Endpoint, r *Request) error {
	blueprints, err := blueprintsOf(*r)
	if err != nil {
		return err
	}
	refers := false
	for _, b := range blueprints {
		b.columns, b.close = r.columns(), e.client.closes()
		m, err := l.compile(b)
		if err != nil {
			return r.blame(err)
		}
		e.messages = append(e.messages, m)
		refers = refers || m.refers
	}
	if err := e.client.checkMessages(e.messages); err != nil {
		return err
	}
	for _, m := range e.messages {
		if refers {
			e.visits = append(e.visits, []step{{message: m, expect: e.expect}})
		}
	}
	return nil
}

// columns are those of the request's data.
func (r *Request) columns() []string {
	if r.Data == nil {
		return nil
	}
	return r.Data.Columns
}

func orDefault[T comparable](v, def T) T {
	var zero T
	if v == zero {
		return def
	}
	return v
}

// vars is the state of one rendering. Random values are a function of the
// run's seed and the request's number alone, whichever worker sends it.
type vars struct {
	template.Vars
	pcg *rand.PCG
}

var varsPool = sync.Pool{New: func() any {
	pcg := rand.NewPCG(0, 0)
	return &vars{Vars: template.Vars{Rand: rand.New(pcg)}, pcg: pcg}
}}

// targeter hands vegeta the endpoint's messages in turn. The body of a target
// is the whole request as it goes over the wire, which transport sends; its
// URL only has to parse, and to parse fast.
func (e *Endpoint) targeter(seq *atomic.Uint64) vegeta.Targeter {
	if len(e.visits) > 0 {
		return func(t *vegeta.Target) error {
			t.Method, t.URL = "GET", "http://target"
			return nil
		}
	}
	return func(t *vegeta.Target) error {
		m := e.messages[(e.turn.Add(1)-1)%uint64(len(e.messages))]
		t.Method, t.URL, t.Body = m.method, "http://target", m.static
		if m.static != nil {
			return nil
		}
		v := varsPool.Get().(*vars)
		v.Seq = seq.Add(1)
		v.pcg.Seed(e.seed, v.Seq)
		v.Data = e.data.row(v.Rand)
		t.Body = m.render(&v.Vars)
		varsPool.Put(v)
		return nil
	}
}
