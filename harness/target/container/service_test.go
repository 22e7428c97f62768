package container_test

import (
	"strings"
	"testing"
	"time"

	"github.com/leakcheck/leakcheck/harness/target"
	"github.com/leakcheck/leakcheck/harness/target/container"
	"github.com/leakcheck/leakcheck/tools/testenv"
)

// service is a container of the test's image that runs a shell command.
func service(o *container.Options, name, command string) container.Service {
	spec := o.Spec
	spec.Mounts, spec.Command = nil, []string{"sh", "-c", command}
	return container.Service{Name: name, Spec: spec, Ready: container.ServiceReady{Timeout: 10 * time.Second}}
}

// What has completed may be gone, what it has left on a volume is there for the
// next, and other names are names too.
func TestServices(t *testing.T) {
	o := options(t, map[string]string{"PEER": "store.example:7000"})
	seed := service(&o, "seed", "pwd > /data/where && df -m /dev/shm | tail -1 > /data/shm")
	seed.WorkingDir, seed.ShmSize, seed.Init, seed.Ready.Completed = "/home/node", 32<<20, true, true
	store := service(&o, "store", "exec nc -ll -p 7000 -e cat /data/where /data/shm")
	store.Port, store.Aliases = 7000, []string{"store.example"}
	seed.Volumes = []container.Volume{{Name: "data", Target: "/data"}}
	store.Volumes = seed.Volumes
	o.Services = []container.Service{seed, store}
	c := start(t, o)
	if got := testenv.Get(t, c.URL()+"/peer"); !strings.HasPrefix(got, "/home/node\n") || !strings.Contains(got, " 32 ") {
		t.Errorf("the service answers %q, want the folder and the 32 MiB of shared memory that the first has left", got)
	}
	select {
	case <-c.Done():
		t.Errorf("Exit = %v, want the end of the first service to be none", c.Exit())
	default:
	}
}

func TestServiceFails(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*container.Service)
		want   string
	}{
		"completes with an error": {func(s *container.Service) { s.Ready.Completed = true }, "ended with exit code 3"},
		"ends":                    {func(s *container.Service) { s.Port = 7000 }, "ended with exit code 3"},
		"no image":                {func(s *container.Service) { s.Image = "leakcheck-test/none:1" }, "leakcheck-test/none:1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := options(t, nil)
			s := service(&o, "seed", "echo no such table; exit 3")
			test.change(&s)
			o.Services = []container.Service{s}
			e := refused(t, o)
			if !strings.Contains(e.Error(), test.want) || e.Hint == "" {
				t.Errorf("error %q, hint %q, want %q and a hint", e, e.Hint, test.want)
			}
			if e.Kind == target.ServiceFailed && !strings.Contains(e.Detail, "no such table") {
				t.Errorf("detail %q, want the service's output", e.Detail)
			}
		})
	}
}
