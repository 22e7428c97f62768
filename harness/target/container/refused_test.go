package container_test

import (
	"strings"
	"testing"
	"time"

	"github.com/leakcheck/leakcheck/harness/target"
	"github.com/leakcheck/leakcheck/harness/target/container"
)

// Each has its own error, with what mends it, and leaves nothing behind.
func TestRefused(t *testing.T) {
	for name, test := range map[string]struct {
		env    map[string]string
		change func(*container.Options)
		kind   target.Kind
		want   string // in the error, its detail or its hint
	}{
		"no image":      {nil, func(o *container.Options) { o.Image = "leakcheck-test/none:1" }, target.NoImage, "pull: never"},
		"no registry":   {nil, func(o *container.Options) { o.Image, o.Pull = "127.0.0.1:9/none:1", "" }, target.NoImage, "docker pull 127.0.0.1:9/none:1"},
		"no program":    {nil, func(o *container.Options) { o.Command = []string{"nodejs"} }, target.DiedAtStart, "have that program"},
		"exits":         {map[string]string{"MODE": "exit"}, nil, target.DiedAtStart, "no configuration"},
		"silent":        {map[string]string{"MODE": "silent"}, nil, target.NeverListened, "port 3000"},
		"elsewhere":     {map[string]string{"MODE": "elsewhere"}, nil, target.ListensElsewhere, "listens on 4321"},
		"loopback":      {map[string]string{"MODE": "loopback"}, nil, target.ListensElsewhere, "0.0.0.0"},
		"no options":    {nil, func(o *container.Options) { o.Command = []string{"sh", "-c", "NODE_OPTIONS= node /app/server.js"} }, target.NoInspector, "pass NODE_OPTIONS on"},
		"not node":      {nil, func(o *container.Options) { o.Command = []string{"sleep", "60"} }, target.NeverListened, "port 3000"},
		"break":         {nil, func(o *container.Options) { o.Command = []string{"node", "--inspect-brk", "/app/server.js"} }, target.BadCommand, "waits for a debugger"},
		"no network":    {nil, func(o *container.Options) { o.Network = "leakcheck-none" }, target.BadCommand, "docker network ls"},
		"too small":     {nil, func(o *container.Options) { o.Memory = 7 << 20 }, target.DiedAtStart, ""},
		"bad host line": {nil, func(o *container.Options) { o.ExtraHosts = []string{"name:not an address"} }, target.BadCommand, "not an address"},
	} {
		t.Run(name, func(t *testing.T) {
			o := options(t, test.env)
			o.Ready.Timeout = 12 * time.Second
			if test.change != nil {
				test.change(&o)
			}
			e := refused(t, o)
			if all := e.Error() + e.Detail + e.Hint; e.Kind != test.kind || e.Hint == "" || !strings.Contains(all, test.want) {
				t.Errorf("kind %d, error %q\nhint %q\ndetail %q\nwant kind %d and %q", e.Kind, e, e.Hint, e.Detail, test.kind, test.want)
			}
		})
	}
}

func TestNoEngine(t *testing.T) {
	t.Setenv("DOCKER_HOST", "ssh://nobody@127.0.0.1")
	_, err := container.Ask(t.Context())
	if err == nil || !strings.Contains(err.Error(), "not reached by ssh") {
		t.Errorf("Ask = %v, want an error about ssh", err)
	}
}
