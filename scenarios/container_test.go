package scenarios

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestContainer(t *testing.T) {
	s, err := Load("testdata/good/container.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c := s.Target.Container
	if c.Memory != 256<<20 || c.CPUs != 1.5 || !c.ReadOnly || c.Pull != "never" || c.Network != "shared" || c.Build.Args["LEVEL"] != "3" {
		t.Errorf("container %+v, build %+v: not as the file has it", c, c.Build)
	}
	var order []string
	for _, svc := range s.Services {
		order = append(order, svc.Name)
	}
	if diff := cmp.Diff([]string{"db", "migrate"}, order); diff != "" {
		t.Errorf("services by dependency (-want +got):\n%s", diff)
	}
	if got := s.Services[0].Ready.Timeout; got != 2*time.Minute {
		t.Errorf("ready.timeout of db = %v, want 2m", got)
	}
	if got := s.Services[1].Ready.Timeout; got != defaultServiceTimeout {
		t.Errorf("ready.timeout of migrate = %v, want the default", got)
	}
}

func TestAttach(t *testing.T) {
	const src = "version: 1\nname: x\ntarget: {attach: {url: 'http://127.0.0.1:3000', inspector: '127.0.0.1:9229'}}\nendpoints: [{name: a, request: GET /}]\n"
	s, err := Parse("x.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	if want := (Attach{URL: "http://127.0.0.1:3000", Inspector: "127.0.0.1:9229"}); *s.Target.Attach != want {
		t.Errorf("attach = %+v, want %+v", *s.Target.Attach, want)
	}
}
