package harness

import (
	"crypto/tls"
	"strings"

	"github.com/leakcheck/leakcheck/harness/target"
	"github.com/leakcheck/leakcheck/loadgen"
	"github.com/leakcheck/leakcheck/scenarios"
)

// compileClient takes what the loader of scenarios has checked.
func compileClient(c *scenarios.Client) loadgen.Client {
	out := loadgen.Client{
		HTTP2:         c.HTTP == 2,
		NewConnection: c.Connection == "new",
		Abort:         loadgen.Abort(c.Abort),
		Pipeline:      c.Pipeline,
	}
	if c.ReadRate != nil {
		out.ReadRate = *c.ReadRate
	}
	if c.WriteRate != nil {
		out.WriteRate = *c.WriteRate
	}
	return out
}

func compileShape(e *scenarios.Endpoint) loadgen.Shape {
	var s loadgen.Shape
	if e.RampTo != nil {
		s.RampTo = *e.RampTo
	}
	if e.Sine != nil {
		s.Amplitude, s.Period = e.Sine.Amplitude, e.Sine.Period
	}
	return s
}

func compileContent(m *scenarios.Message) loadgen.Content {
	c := loadgen.Content{Query: m.Query, BodySize: m.BodySize, Gzip: m.Gzip}
	for _, p := range m.Multipart {
		c.Multipart = append(c.Multipart, loadgen.FormPart{
			Name: p.Name, Value: p.Value, File: p.Content, Size: p.Size, FileName: p.FileName, Type: p.Type,
		})
	}
	return c
}

// compileReach is how the app is asked whether it is ready, and set up: over
// HTTP/2 without TLS only when all endpoints are.
func compileReach(s *scenarios.Scenario) target.Reach {
	r := target.Reach{HTTP2: true}
	for i := range s.Endpoints {
		r.HTTP2 = r.HTTP2 && s.Endpoints[i].Client.HTTP == 2
	}
	if a := s.Target.Attach; a != nil && strings.HasPrefix(a.URL, "https://") {
		r.TLS = &tls.Config{}
	}
	if t := s.Target.TLS; t != nil {
		r.TLS = &tls.Config{
			RootCAs:            t.Authorities,
			ServerName:         t.ServerName,
			InsecureSkipVerify: t.Insecure, //nolint:gosec // asked for, for certificates of tests
		}
	}
	return r
}
