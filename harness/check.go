package harness

import (
	"errors"
	"fmt"

	"github.com/leakcheck/leakcheck/loadgen"
	"github.com/leakcheck/leakcheck/scenarios"
)

// check prepares every request once for no target, so that what cannot be sent
// is told before anything is started.
func (p *Plan) check(s *scenarios.Scenario) (scenarios.Problems, error) {
	loader, err := p.newLoader("http://localhost")
	if err != nil {
		return nil, err
	}
	defer loader.Close()
	var problems scenarios.Problems
	for i, q := range p.requests {
		if _, err := loader.Prepare(q); err != nil {
			problems = append(problems, problemOf(s, i, err))
		}
	}
	return problems, nil
}

// problemOf places an error of the request of endpoint i.
func problemOf(s *scenarios.Scenario, i int, err error) scenarios.Problem {
	path := fmt.Sprintf("endpoints[%d]", i)
	var part *loadgen.PartError
	if !errors.As(err, &part) {
		return s.Problem(path, err.Error())
	}
	return s.Problem(path+"."+keyOf(part, &s.Endpoints[i]), part.Error())
}

// keyOf is the endpoint's key that gives a part of its request.
func keyOf(part *loadgen.PartError, e *scenarios.Endpoint) string {
	switch part.Part {
	case loadgen.Path:
		return "request"
	case loadgen.Header:
		return "headers." + part.Header
	case loadgen.Body:
		if e.BodyFile != "" {
			return "body_file"
		}
	}
	return string(part.Part)
}
