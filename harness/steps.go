package harness

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/leakcheck/leakcheck/harness/target"
	"github.com/leakcheck/leakcheck/loadgen"
	"github.com/leakcheck/leakcheck/loadgen/jsonpointer"
	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/scenarios"
)

// compileSteps adds headers to each step that has none of the name.
func compileSteps(steps []scenarios.Step, headers map[string]string) []loadgen.Step {
	var all []loadgen.Step
	for i := range steps {
		s := &steps[i]
		all = append(all, loadgen.Step{
			Name:     s.Name,
			Method:   s.Method,
			Path:     s.URLPath,
			Headers:  mergeHeaders(s.Headers, headers),
			Body:     []byte(s.Body),
			Content:  compileContent(&s.Message),
			Expect:   s.Expect.Match,
			Captures: compileCaptures(s.Capture),
			Check:    compileCheck(s.Check),
			Think:    s.Think,
			Events:   s.ExpectEvents,
		})
		useSocket(&all[i], s)
	}
	return all
}

// useSocket makes a step one of a WebSocket, if it is one.
func useSocket(one *loadgen.Step, s *scenarios.Step) {
	switch {
	case s.Connect != "":
		one.Socket = loadgen.Connect
	case s.Send != "":
		one.Socket, one.Body = loadgen.Send, []byte(s.Send)
	case s.Receive != nil:
		one.Socket, one.Check = loadgen.Receive, compileCheck(s.Receive)
	case s.Close:
		one.Socket = loadgen.Close
	}
}

func mergeHeaders(own, more map[string]string) map[string]string {
	all := maps.Clone(own)
	for name, value := range more {
		same := func(n string) bool { return strings.EqualFold(n, name) }
		if slices.ContainsFunc(slices.Collect(maps.Keys(own)), same) {
			continue
		}
		if all == nil {
			all = map[string]string{}
		}
		all[name] = value
	}
	return all
}

// compileCaptures takes what the loader of scenarios has checked.
func compileCaptures(captures map[string]scenarios.Capture) []loadgen.Capture {
	var all []loadgen.Capture
	for _, name := range slices.Sorted(maps.Keys(captures)) {
		c := captures[name]
		one := loadgen.Capture{Name: name, Header: c.Header, Cookie: c.Cookie}
		switch {
		case c.Regex != "":
			one.Pattern = regexp.MustCompile(c.Regex)
		case c.Header == "" && c.Cookie == "":
			one.JSON = mustPointer(c.JSON)
		}
		all = append(all, one)
	}
	return all
}

func compileCheck(c *scenarios.Check) loadgen.Check {
	if c == nil {
		return loadgen.Check{}
	}
	check := loadgen.Check{Contains: c.Contains, Equals: c.Equals}
	if c.Matches != "" {
		check.Matches = regexp.MustCompile(c.Matches)
	}
	if c.JSON != "" {
		check.JSON = mustPointer(c.JSON)
	}
	return check
}

func mustPointer(text string) *jsonpointer.Pointer {
	p, err := jsonpointer.Parse(text)
	if err != nil {
		panic("harness: " + err.Error()) // checked when the scenario was read
	}
	return p
}

// flowText is how reports name what a flow sends.
func flowText(steps []scenarios.Step) string {
	const most = 3
	var names []string
	for _, s := range steps[:min(most, len(steps))] {
		if s.Request == "" {
			names = append(names, s.Name)
			continue
		}
		names = append(names, s.Request)
	}
	text := strings.Join(names, ", ")
	if more := len(steps) - most; more > 0 {
		text += fmt.Sprintf(", and %d more", more)
	}
	return text
}

// setup sends the requests of the setup.
func (r *run) setup(ctx context.Context) error {
	if len(r.plan.setup) == 0 {
		return nil
	}
	r.say("setup: " + r.plan.setup[0].Name)
	if err := r.loader.Setup(ctx); err != nil {
		if ctx.Err() != nil {
			return r.cause(ctx, err)
		}
		failed := &Error{Kind: LoadFailed, Err: r.plan.placeSetup(err), Hint: setupHint(err)}
		if target.SpeaksTLS(ctx, r.target.URL()) {
			failed.Hint = target.TLSHint
		}
		return failed
	}
	return nil
}

// placeSetup gives the error of a setup its place in the scenario.
func (p *Plan) placeSetup(err error) error {
	var step *loadgen.StepError
	if !errors.As(err, &step) {
		return err
	}
	path := fmt.Sprintf("setup[%d]", step.Index)
	var missing *loadgen.MissingError
	if errors.As(err, &missing) {
		path += ".capture." + missing.Name
	}
	return setupFailure{p.scenario.Problem(path, err.Error())}
}

// setupFailure is a problem that only the answers show: not one of the file
// itself, which has an exit code of its own.
type setupFailure struct{ problem scenarios.Problem }

func (f setupFailure) Error() string { return f.problem.String() }

func setupHint(err error) string {
	if errors.As(err, new(*loadgen.MissingError)) {
		return "send the request by hand, and see what the app answers: target.log has its side"
	}
	return "expect: lists the statuses that are right for this step; target.log has the app's side"
}

// tellSetups records that the values of the setup had expired in a block.
func (r *run) tellSetups(e *endpoint, l *recording.Load) {
	if l.Setups == 0 {
		return
	}
	message := fmt.Sprintf("the setup ran again: %d of %d requests of %q were refused with 401, and sent again", l.Expired, l.Sent, e.name)
	r.event(recording.SetupAgain, message)
	r.say(message)
}
