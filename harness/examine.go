package harness

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/leakcheck/leakcheck/harness/examine"
	"github.com/leakcheck/leakcheck/harness/target"
	"github.com/leakcheck/leakcheck/sampler"
	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// diagnose looks into what the caller accuses, also where the target died of it.
// The recording is complete by then: nothing that happens here is in it.
func (r *run) diagnose(ctx context.Context) {
	unwanted := r.hooks.Accuse == nil || off(r.plan.scenario.Diagnose.Enabled)
	if unwanted || r.sampler == nil || r.rec == nil || len(r.rec.Observations) == 0 {
		return
	}
	if accused := r.hooks.Accuse(r.rec); len(accused) > 0 {
		r.tell(Progress{Stage: Diagnosing})
		examine.Leaks(ctx, examined{r}, r.plan.examine, accused, r.hooks.Evidence)
	}
}

// off reports whether the scenario switches something off.
func off(wanted *bool) bool { return wanted != nil && !*wanted }

// examined is a run as package examine sees it.
type examined struct{ run *run }

func (x examined) Recording() *recording.Recording { return x.run.rec }
func (x examined) Target() target.Target           { return x.run.target }
func (x examined) Sampler() *sampler.Sampler       { return x.run.sampler }

func (x examined) Context(ctx context.Context) (context.Context, func()) { return x.run.watch(ctx) }

func (x examined) Sample(ctx context.Context) (recording.Sample, error) {
	return x.run.observed(ctx, nil)
}

func (x examined) Requests(endpoint int, d time.Duration, room unit.Bytes) int {
	return x.run.endpoints[endpoint].requestsFor(d, room)
}

func (x examined) Lost() string { return x.run.lost }

func (x examined) Growth(endpoint int) float64 { return x.run.endpoints[endpoint].growth }

func (x examined) Load(ctx context.Context, s recording.Subject, d time.Duration, room unit.Bytes, most int) (recording.Load, error) {
	if i, one := s.Endpoint(); one {
		e := x.run.endpoints[i]
		return x.run.loader.Block(ctx, e.load, min(most, e.requestsFor(d, room)))
	}
	m := x.run.mixedLoad
	l, _, err := x.run.loader.Mix(ctx, m.portions(m.atMost(most, m.requestsFor(d, m.check, room))), m.atOnce())
	return l, err
}

func (x examined) Restart(ctx context.Context, t examine.Restartable) error {
	r, url := x.run, t.URL()
	_ = r.sampler.Close() //nolint:contextcheck // bounded by itself; the target is stopped next
	r.sampler = nil
	if err := t.Stop(ctx); err != nil {
		return err
	}
	p, err := t.Again(ctx)
	if err != nil {
		return err
	}
	r.target, r.lost = p, ""
	if p.URL() != url {
		return fmt.Errorf("the target serves %s now and served %s", p.URL(), url)
	}
	if err := r.openSampler(ctx); err != nil {
		return err
	}
	return r.setup(ctx)
}

// leavesLastWords reports whether the target has ended, once it has written down
// what killed it.
func (r *run) leavesLastWords(ctx context.Context, cause error) bool {
	hangs := errors.As(cause, new(*sampler.HungError))
	return r.target != nil && r.plan.blackBox.Await(ctx, r.target, hangs)
}

// autopsy tells the caller what a target left that died of memory.
func (r *run) autopsy() error {
	box := r.plan.blackBox
	if r.dead && r.hooks.Death != nil {
		if found, ok := box.Read(r.plan.examine, r.plan.scenario.Target.Dir); ok {
			r.hooks.Death(found)
		}
	}
	if err := box.Remove(); err != nil {
		return fmt.Errorf("remove what the target left: %w", err)
	}
	return nil
}
