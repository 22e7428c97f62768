package command

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFindScenarios(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, file := range []string{
		"app/[id]/leak.yaml", "app/i/leak.yaml", "services/a/x/y/a.yaml", "services/b/x/a.yaml", "services/b/a.yaml",
		"services/b/x/node_modules/a.yaml", "services/b/x/.cache/a.yaml",
	} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, nil, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		pattern string
		want    []string
	}{
		{"app/[id]/leak.yaml", []string{"app/[id]/leak.yaml"}},
		{"app/[hi]/leak.yaml", []string{"app/i/leak.yaml"}},
		{`app/\[id]/*.yaml`, []string{"app/[id]/leak.yaml"}},
		{"**/leak.yaml", []string{"app/[id]/leak.yaml", "app/i/leak.yaml"}},
		{"services/*/x/**/a.yaml", []string{"services/a/x/y/a.yaml", "services/b/x/a.yaml"}},
		{"./services/[b-c]/**/a.yaml", []string{"services/b/a.yaml", "services/b/x/a.yaml"}},
		{"services/a/**", []string{"services/a/x/y/a.yaml"}},
		{`app/\[id]/**`, []string{"app/[id]/leak.yaml"}},
	}
	for _, tt := range tests {
		got, err := FindScenarios([]string{tt.pattern})
		if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v, files differ (-want +got):\n%s", tt.pattern, err, diff)
		}
	}
	for _, bad := range []string{"services/**/[", "services/**/*.yml", "services/[", "absent*"} {
		if got, err := FindScenarios([]string{bad}); CodeOf(err) != ExitUsage {
			t.Errorf("%s: got %v, %v, want bad usage", bad, got, err)
		}
	}
}
