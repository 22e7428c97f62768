package scenarios

import (
	"strings"
	"time"
)

// identify gives each endpoint its identity: three digests, of the request, of how it
// is sent, and of the target. Runs measured the same of an endpoint when it has the
// same identity in both, whatever became of other endpoints or of how long was
// measured. Workers do not count: the number of connections changes how fast requests
// are sent, and not what one retains.
func identify(s *Scenario, dir string, files map[string][]byte) {
	target := identityOfTarget(s, dir, files)
	for i := range s.Endpoints {
		e := &s.Endpoints[i]
		named := sums{}
		request := e.hashed(dir, files, named)
		sent := request.takeManner()
		request.Workers = 0
		e.Identity = strings.Join([]string{part(request, named), part(sent, nil), target}, ".")
	}
}

// manner is how an endpoint's requests are sent.
type manner struct {
	AbortAfter, Timeout time.Duration
	Shape               Endpoint // only its rates
	Client              Client
}

// takeManner moves how requests are sent out of e.
func (e *Endpoint) takeManner() manner {
	m := manner{
		AbortAfter: e.AbortAfter, Timeout: e.Timeout, Client: e.Client,
		Shape: Endpoint{OpenRate: e.OpenRate, RampTo: e.RampTo, Sine: e.Sine},
	}
	e.AbortAfter, e.Timeout, e.Client, e.OpenRate, e.RampTo, e.Sine = 0, 0, Client{}, nil, nil, nil
	return m
}

// identityOfTarget is over what serves the requests: the app, its services, the setup, and
// whether its clocks may be advanced. How one knows that it is ready does not count,
// nor how the inspector of an app that runs already is found.
func identityOfTarget(s *Scenario, dir string, files map[string][]byte) string {
	named := sums{}
	target, services := s.hashedTarget(dir)
	target.Ready, target.Port = Ready{}, 0
	if target.Attach != nil {
		target.Attach = &Attach{URL: target.Attach.URL}
	}
	addSum(s.Compose, dir, files, named)
	return part(struct {
		Target       Target
		Services     []Service
		Compose      string
		Setup        []Step
		AdvanceClock *bool `json:"PassTime"` // as in identities before it was renamed
	}{target, services, relative(dir, s.Compose), hashedSteps(s.Setup, dir, files, named), s.Run.AdvanceClock}, named)
}

// part is a digest of eight digits.
func part(content any, named sums) string {
	const length = 8
	return digest(struct {
		Content any
		Files   sums
	}{content, named})[:length]
}
