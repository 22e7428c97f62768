package container_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/leakcheck/leakcheck/harness/target"
	"github.com/leakcheck/leakcheck/harness/target/container"
	"github.com/leakcheck/leakcheck/tools/testenv"
)

// However the image starts its app, the process that serves is inspected.
func TestEntrypoints(t *testing.T) {
	npm := npmFolder(t)
	for name, change := range map[string]func(*container.Options){
		"node": func(*container.Options) {},
		"shell": func(o *container.Options) {
			o.Command = []string{"sh", "-c", "node -e 'setInterval(() => {}, 1000)' & node /app/server.js"}
		},
		"node in node": func(o *container.Options) {
			o.Command = []string{"node", "-e", "require('child_process').spawn('node', ['/app/server.js'], {stdio: 'inherit'})"}
		},
		"tini":      func(o *container.Options) { o.Entrypoint = []string{"tini", "--"} },
		"dumb-init": func(o *container.Options) { o.Entrypoint = []string{"dumb-init"} },
		"user, read only": func(o *container.Options) {
			o.User, o.ReadOnly, o.Tmpfs = "1000:1000", true, []string{"/tmp"}
		},
		"own inspector": func(o *container.Options) { o.Command = []string{"node", "--inspect=127.0.0.1:9229", "/app/server.js"} },
		"own options":   func(o *container.Options) { o.Env = map[string]string{"NODE_OPTIONS": "--max-old-space-size=128"} },
		"port":          func(o *container.Options) { o.Port = 8080 },
		"npm start": func(o *container.Options) {
			o.Mounts = append(o.Mounts, container.Mount{Source: npm, Target: "/usr/local/lib/node_modules/npm", ReadOnly: true})
			o.WorkingDir, o.Command = "/app", []string{"node", "/usr/local/lib/node_modules/npm/bin/npm-cli.js", "start"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := options(t, nil)
			change(&o)
			c := start(t, o)
			if got := testenv.Get(t, c.URL()); got != "ok" {
				t.Errorf("GET / = %q, want ok", got)
			}
			if !strings.HasPrefix(c.URL(), "http://127.0.0.1:") || !strings.HasPrefix(c.Inspector(), "ws://127.0.0.1:") {
				t.Errorf("served at %s, inspector at %s: want both on the loopback address", c.URL(), c.Inspector())
			}
			if os.Getuid() == 0 && (c.PID() == 0 || c.Root() == 0) {
				t.Errorf("process %d of tree %d, want both known to root", c.PID(), c.Root())
			}
			env := environment(t, c)
			if !strings.Contains(env["NODE_OPTIONS"], o.Env["NODE_OPTIONS"]) {
				t.Errorf("NODE_OPTIONS = %q, want the scenario's %q in it", env["NODE_OPTIONS"], o.Env["NODE_OPTIONS"])
			}
		})
	}
}

// npmFolder is where this machine's npm is.
func npmFolder(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("npm")
	if err != nil {
		t.Skip("no npm on PATH")
	}
	path, err = filepath.EvalSymlinks(path)
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Dir(filepath.Dir(path)) // of bin/npm-cli.js
}

func TestMemory(t *testing.T) {
	o := options(t, nil)
	o.Memory = 256 << 20
	c := start(t, o)
	got, err := c.Containers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got[0].Name != "target" || got[0].Limit != o.Memory {
		t.Fatalf("Containers = %+v, want the target with its limit", got)
	}
	const least = 4 << 20 // an idle Node takes more, even without its shared text
	if got[0].WorkingSet < least || got[0].WorkingSet > o.Memory || got[0].Anonymous > got[0].WorkingSet {
		t.Errorf("Containers = %+v, want a working set from %d to the limit, with its anonymous part", got[0], least)
	}
	if log := readLog(t, o.LogPath); !strings.Contains(log, "ready\n") {
		t.Errorf("log %q, want the app's output", log)
	}
}

func TestOOMKill(t *testing.T) {
	o := options(t, nil)
	o.Memory = 128 << 20
	c := start(t, o)
	if err := target.Get(t.Context(), c.URL()+"/fill"); err == nil {
		t.Error("GET /fill was answered")
	}
	<-c.Done()
	exit := c.Exit()
	if exit == nil || !exit.OOMKilled || exit.Signal != "SIGKILL" || !strings.Contains(exit.String(), "memory limit of 134 MB") {
		t.Errorf("Exit = %+v (%s), want an OOM kill at the limit", exit, exit)
	}
}
