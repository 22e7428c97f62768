package container_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/leakcheck/leakcheck/harness/target"
	"github.com/leakcheck/leakcheck/harness/target/container"
)

// building is options with an image built from a Dockerfile.
func building(t *testing.T, dockerfile string, args map[string]string) container.Options {
	t.Helper()
	o := options(t, nil)
	dir := t.TempDir()
	server, err := os.ReadFile("testdata/server.js")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"server.js": string(server), "app.Dockerfile": strings.ReplaceAll(dockerfile, "NODE", o.Image)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	o.Spec = container.Spec{Build: &container.Build{Context: dir, Dockerfile: "app.Dockerfile", Args: args}}
	return o
}

func TestBuild(t *testing.T) {
	o := building(t, "FROM NODE\nARG LEVEL\nENV LEVEL=$LEVEL PORT=4000\nCOPY --chmod=644 server.js /srv/\nRUN --mount=type=tmpfs,target=/scratch touch /scratch/x\nUSER node\nCMD [\"node\", \"/srv/server.js\"]\n",
		map[string]string{"LEVEL": "7"})
	c := start(t, o)
	if env := environment(t, c); env["LEVEL"] != "7" || c.Port() != 4000 {
		t.Errorf("LEVEL = %q, port %d, want the build argument and the image's PORT", env["LEVEL"], c.Port())
	}
}

func TestBuildFails(t *testing.T) {
	o := building(t, "FROM NODE\nRUN echo no compiler here && exit 3\n", nil)
	e := refused(t, o)
	if e.Kind != target.BuildFailed || !strings.Contains(e.Detail, "no compiler here") || !strings.Contains(e.Error(), "exit code: 3") {
		t.Errorf("kind %d, error %q, detail %q: want a failed build with its last lines", e.Kind, e, e.Detail)
	}
}
