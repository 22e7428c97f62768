package compose

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/leakcheck/leakcheck/scenarios"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// parse reads a scenario beside the Compose file.
func parse(t *testing.T, file, target string) *scenarios.Scenario {
	t.Helper()
	s, err := scenarios.Parse(filepath.Join(filepath.Dir(file), "scenario.yaml"),
		[]byte("version: 1\nname: a\ncompose: "+filepath.Base(file)+"\ntarget: "+target+"\nendpoints: [{name: a, request: GET /}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// What the file says of the target and of what it depends on, in the order to
// start it; the worker, which depends on the target, is left out.
func TestResolve(t *testing.T) {
	t.Setenv("TAG", "7")
	given := parse(t, "testdata/good/compose.yaml", "{container: {service: app, memory: 256 MiB, tmpfs: [/tmp]}, env: {NODE_ENV: test}}")
	got, notes, err := Resolve(given)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := filepath.Abs("testdata/good")
	if err != nil {
		t.Fatal(err)
	}
	app := filepath.Join(dir, "app")
	wantTarget := scenarios.Target{
		Container: &scenarios.Container{Service: "app", ImageSpec: scenarios.ImageSpec{
			Build:   &scenarios.Build{Context: app, Dockerfile: "Dockerfile", Target: "production", Args: map[string]string{"LEVEL": "3"}},
			Command: []string{"node", "server.js", "--title", `{{"{{"}}name}}`},
			Memory:  256 << 20, CPUs: 1.5, Tmpfs: []string{"/tmp"},
			Mounts: []scenarios.Mount{
				{Source: app, Target: "/srv", ReadOnly: true},
				{Source: filepath.Join(app, "password"), Target: "/run/secrets/db_password", ReadOnly: true},
			},
			Volumes: []scenarios.Volume{{Name: "uploads", Target: "/uploads"}, {Name: "app-volumes-2", Target: "/scratch"}},
			Aliases: []string{"shop", "app"},
		}},
		Env:  map[string]string{"DB_HOST": "db", "NODE_ENV": "test", "LEVEL_OF_LOG": "debug"},
		Port: 3000,
	}
	if diff := cmp.Diff(wantTarget, got.Target, cmpopts.IgnoreFields(scenarios.Target{}, "Ready", "Dir")); diff != "" {
		t.Errorf("target (-want +got):\n%s", diff)
	}
	wantServices := []scenarios.Service{
		{
			Name:  "cache",
			Ready: scenarios.ServiceReady{Command: []string{"redis-cli", "ping"}, Timeout: 90 * time.Second},
			ImageSpec: scenarios.ImageSpec{
				Image: "redis:8", Init: true, ReadOnly: true, WorkingDir: "/data", Pull: "never",
				Platform: "linux/amd64", ExtraHosts: []string{"legacy:10.0.0.7"},
			},
		},
		{
			Name: "db", Env: map[string]string{"MARIADB_DATABASE": "app", "MARIADB_PASSWORD": "$ecret"}, Port: 3306,
			Ready: scenarios.ServiceReady{Command: []string{"/bin/sh", "-c", "healthcheck.sh --connect"}, Timeout: 110 * time.Second},
			ImageSpec: scenarios.ImageSpec{
				Image: "mariadb:11", User: "999", ShmSize: 64 << 20, Tmpfs: []string{"/run"},
				Volumes: []scenarios.Volume{{Name: "data", Target: "/var/lib/mysql"}}, Aliases: []string{"shop-db"},
			},
		},
		{
			Name: "migrate", ImageSpec: scenarios.ImageSpec{Image: "shop-migrate:7"},
			Ready: scenarios.ServiceReady{Completed: true, Timeout: time.Minute}, DependsOn: []string{"db"},
		},
	}
	if diff := cmp.Diff(wantServices, got.Services, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("services (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"testdata/good/compose.yaml:35: services.db.ulimits is left out"}, notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
	if given.Services != nil || given.Target.Container.Build != nil {
		t.Error("Resolve changed the scenario that it was given")
	}
}

// Without a service for the target, all services of the file are the target's.
func TestResolveAll(t *testing.T) {
	t.Setenv("TAG", "7")
	got, _, err := Resolve(parse(t, "testdata/good/compose.yaml", "{container: {image: shop}}"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range got.Services {
		names = append(names, s.Name)
	}
	if diff := cmp.Diff([]string{"cache", "db", "migrate", "app", "worker"}, names); diff != "" {
		t.Errorf("services (-want +got):\n%s", diff)
	}
}

// A variable that is nowhere is empty, as for Compose, and told.
func TestUnset(t *testing.T) {
	file := filepath.Join(t.TempDir(), "compose.yaml")
	text := "services:\n  app: {image: \"app:1${LEAKCHECK_TEST_UNSET}${LEAKCHECK_TEST_FILE}\"}\n"
	for name, content := range map[string]string{file: text, filepath.Join(filepath.Dir(file), ".env"): "LEAKCHECK_TEST_FILE=.2\n"} {
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, notes, err := Resolve(parse(t, file, "{container: {service: app}}"))
	if err != nil {
		t.Fatal(err)
	}
	if image := got.Target.Container.Image; image != "app:1.2" {
		t.Errorf("image %q, want the variable of .env and nothing for the other", image)
	}
	if len(notes) != 1 || !strings.HasSuffix(notes[0], "compose.yaml: ${LEAKCHECK_TEST_UNSET} is not set, and empty") {
		t.Errorf("notes %q, want the variable that is not set", notes)
	}
}

// Each file of testdata/bad has beside it what is said of it.
func TestProblems(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("got files %v, %v", files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			_, _, err := Resolve(parse(t, file, "{container: {service: app}}"))
			var problems scenarios.Problems
			if !errors.As(err, &problems) || len(problems) == 0 {
				t.Fatalf("got %T %v, want Problems", err, err)
			}
			dir, err := filepath.Abs("testdata/bad")
			if err != nil {
				t.Fatal(err)
			}
			golden, got := strings.TrimSuffix(file, ".yaml")+".golden", strings.ReplaceAll(problems.Error(), dir, "DIR")+"\n"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// A secret from the environment is a file in the container, with its value.
func TestSecretFromTheEnvironment(t *testing.T) {
	t.Setenv("DB_PASSWORD", "hunter2")
	dir := t.TempDir()
	for name, text := range map[string]string{
		"compose.yaml":  "services:\n  db:\n    image: postgres:16\n    secrets: [db_password]\nsecrets: {db_password: {environment: DB_PASSWORD}}\n",
		"scenario.yaml": "version: 1\nname: x\ncompose: compose.yaml\ntarget: {container: {service: db}, port: 5432}\nendpoints: [{name: a, request: GET /}]\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s, err := scenarios.Load(filepath.Join(dir, "scenario.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	got, _, err := Resolve(s)
	if err != nil {
		t.Fatal(err)
	}
	want := []scenarios.Mount{{Target: "/run/secrets/db_password", ReadOnly: true, Content: []byte("hunter2")}}
	if diff := cmp.Diff(want, got.Target.Container.Mounts); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
