package scenarios

import (
	"slices"
	"testing"
	"time"
)

const selectable = `version: 1
name: shop
target: {command: [node, server.js]}
endpoints:
  - {name: a, request: GET /a, tags: [slow, both]}
  - {name: b, request: GET /b}
  - {name: c, request: GET /c, tags: [both]}
run: {mode: mixed, confidence: 0.95}
`

func selectableScenario(t *testing.T) *Scenario {
	t.Helper()
	s, err := Parse("shop.yaml", []byte(selectable))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// What is selected keeps its identity and its places in the file.
func TestSelect(t *testing.T) {
	s := selectableScenario(t)
	got := s.Select([]string{"c", "b"})
	if names, _ := got.Names(); !slices.Equal(names, []string{"b", "c"}) || len(got.Others) != 1 || got.Hash != s.Hash || got.Run.Mode != ModeMixed {
		t.Errorf("%v and %d others, mode %q, hash %s: want b and c, 1 other, mixed, hash %s", names, len(got.Others), got.Run.Mode, got.Hash, s.Hash)
	}
	if got.Endpoints[1].Identity != s.Endpoints[2].Identity {
		t.Error("the identity changed")
	}
	if p := got.Problem("endpoints[1].request", "x"); p.Line != 7 {
		t.Errorf("the request of c is in line %d, want 7", p.Line)
	}
	if one := s.Select([]string{"a"}); one.Run.Mode != "" {
		t.Errorf("one endpoint is loaded in mode %q", one.Run.Mode)
	}
	if whole := s.Select([]string{"a", "b", "c"}); len(whole.Others) != 0 {
		t.Errorf("all of it, and %d others", len(whole.Others))
	}
	if len(s.Endpoints) != 3 || len(s.Others) != 0 {
		t.Error("the scenario itself changed")
	}
}

func TestTags(t *testing.T) {
	s := selectableScenario(t)
	if _, tags := s.Names(); !slices.Equal(tags, []string{"slow", "both"}) {
		t.Errorf("tags %v", tags)
	}
	if got := s.NamesTagged([]string{"both"}); !slices.Equal(got, []string{"a", "c"}) {
		t.Errorf("tagged: %v, want a and c", got)
	}
}

// A quick run promises no more than the scenario does.
func TestQuick(t *testing.T) {
	s := selectableScenario(t)
	s.Run.MaxDuration = 30 * time.Second
	if q := s.Quick(); q.Run.Confidence != 0.9 || q.Run.MaxDuration != 30*time.Second || !q.Hurried {
		t.Errorf("got %+v", q.Run)
	}
	s.Run.Confidence, s.Run.MaxDuration = 0.8, time.Hour
	if q := s.Quick(); q.Run.Confidence != 0.8 || q.Run.MaxDuration != time.Minute {
		t.Errorf("got %+v", q.Run)
	}
}
