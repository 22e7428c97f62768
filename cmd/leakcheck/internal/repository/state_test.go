package repository

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/scenarios"
)

// Files are found in their repository, also through a symbolic link to it.
func TestReadGitRepository(t *testing.T) {
	base, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	root := filepath.Join(base, "shop")
	for _, dir := range []string{"apps/api", "load"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"shop/load/leaks.yaml", "shop/leaks.yaml", "leaks.yaml"} {
		if err := os.WriteFile(filepath.Join(base, file), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{
		{"init", "--quiet"},
		{"-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "--quiet", "--allow-empty", "--message", "first"},
	} {
		if out, err := exec.Command("git", append([]string{"-C", root}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	if err := os.Symlink(root, filepath.Join(base, "link")); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name     string
		scenario scenarios.Scenario
		want     recording.Repository
	}{
		{
			"target.dir",
			scenarios.Scenario{Path: filepath.Join(root, "load", "leaks.yaml"), Target: scenarios.Target{Dir: filepath.Join(root, "apps", "api")}},
			recording.Repository{Root: root, Target: "apps/api", Scenario: "load/leaks.yaml"},
		},
		{
			"a link",
			scenarios.Scenario{Path: filepath.Join(base, "link", "leaks.yaml"), Target: scenarios.Target{Dir: filepath.Join(base, "link")}},
			recording.Repository{Root: root, Target: ".", Scenario: "leaks.yaml"},
		},
		{
			"what a container is built from",
			scenarios.Scenario{Path: filepath.Join(base, "leaks.yaml"), Target: scenarios.Target{Dir: base, Container: &scenarios.Container{
				ImageSpec: scenarios.ImageSpec{Build: &scenarios.Build{Context: filepath.Join(root, "apps")}},
			}}},
			recording.Repository{Root: root, Target: "apps"},
		},
		{"no repository", scenarios.Scenario{Path: "leaks.yaml", Target: scenarios.Target{Dir: base}}, recording.Repository{}},
	}
	for _, tt := range tests {
		got := StateOf(t.Context(), &tt.scenario).Repository
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}
