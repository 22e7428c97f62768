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
	const (
		patience = 12 * time.Second // for what must be seen to happen
		atOnce   = 2 * time.Second  // where nothing ever will
	)
	for name, test := range map[string]struct {
		within time.Duration
		env    map[string]string
		change func(*container.Options)
		kind   target.Kind
		want   string // in the error, its detail or its hint
	}{
		"no image":    {patience, nil, func(o *container.Options) { o.Image = "leakcheck-test/none:1" }, target.NoImage, "pull: never"},
		"no registry": {patience, nil, func(o *container.Options) { o.Image, o.Pull = "127.0.0.1:9/none:1", "" }, target.NoImage, "docker pull 127.0.0.1:9/none:1"},
		"no program":  {patience, nil, func(o *container.Options) { o.Command = []string{"nodejs"} }, target.DiedAtStart, "have that program"},
		"exits":       {patience, map[string]string{"MODE": "exit"}, nil, target.DiedAtStart, "no configuration"},
		"silent":      {atOnce, map[string]string{"MODE": "silent"}, nil, target.NeverListened, "port 3000"},
		"elsewhere":   {patience, map[string]string{"MODE": "elsewhere"}, nil, target.ListensElsewhere, "listens on 4321"},
		"loopback":    {patience, map[string]string{"MODE": "loopback"}, nil, target.ListensElsewhere, "0.0.0.0"},
		"no options":  {patience, nil, func(o *container.Options) { o.Command = []string{"sh", "-c", "NODE_OPTIONS= node /app/server.js"} }, target.NoInspector, "pass NODE_OPTIONS on"},
		"not node":    {atOnce, nil, func(o *container.Options) { o.Command = []string{"sleep", "60"} }, target.NeverListened, "port 3000"},
		"break":       {patience, nil, func(o *container.Options) { o.Command = []string{"node", "--inspect-brk", "/app/server.js"} }, target.BadCommand, "waits for a debugger"},
		"debugger": {patience, nil, func(o *container.Options) {
			o.Command = []string{"sh", "-c", "node --inspect=0.0.0.0:9555 -e 'setInterval(() => {}, 1000)' & sleep 1; node /app/server.js"}
		}, target.OpenInspector, "inspector of its own on 0.0.0.0:9555"},
		"no network":    {patience, nil, func(o *container.Options) { o.Network = "leakcheck-none" }, target.BadCommand, "docker network ls"},
		"too small":     {patience, nil, func(o *container.Options) { o.Memory = 7 << 20 }, target.DiedAtStart, ""},
		"bad host line": {patience, nil, func(o *container.Options) { o.ExtraHosts = []string{"name:not an address"} }, target.BadCommand, "not an address"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := options(t, test.env)
			o.Ready.Timeout = test.within
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
