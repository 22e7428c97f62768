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
	if err := loader.PrepareSetup(p.setup); err != nil {
		problems = append(problems, problemAt(s, "setup", s.Setup, err))
	}
	problems = append(problems, p.checkDrivers(s)...)
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
	if errors.As(err, new(*loadgen.StepError)) {
		return problemAt(s, path+".flow", s.Endpoints[i].Flow, err)
	}
	return problemIn(s, path, &s.Endpoints[i].Message, err)
}

// problemAt places an error of one of the steps at path.
func problemAt(s *scenarios.Scenario, path string, steps []scenarios.Step, err error) scenarios.Problem {
	var step *loadgen.StepError
	if !errors.As(err, &step) {
		return s.Problem(path, err.Error())
	}
	return problemIn(s, fmt.Sprintf("%s[%d]", path, step.Index), &steps[step.Index].Message, step.Err)
}

func problemIn(s *scenarios.Scenario, path string, m *scenarios.Message, err error) scenarios.Problem {
	var part *loadgen.PartError
	if !errors.As(err, &part) {
		return s.Problem(path, err.Error())
	}
	return s.Problem(path+"."+keyOf(part, m), part.Error())
}

// keyOf is the key that gives a part of a request.
func keyOf(part *loadgen.PartError, m *scenarios.Message) string {
	switch part.Part {
	case loadgen.Path:
		return "request"
	case loadgen.Query:
		return "query." + part.Name
	case loadgen.Header:
		return "headers." + part.Name
	case loadgen.Body:
		if m.BodyFile != "" {
			return "body_file"
		}
	}
	return string(part.Part)
}
