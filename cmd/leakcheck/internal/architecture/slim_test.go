package architecture_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// A build with the tag slim has no database driver in it, and one without it
// has both.
func TestSlimHasNoDrivers(t *testing.T) {
	for tags, want := range map[string]bool{"slim": false, "": true} {
		cmd := exec.Command("go", "list", "-deps", "-tags", tags, "./cmd/leakcheck")
		cmd.Dir = moduleRoot(t)
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		deps := strings.Fields(string(out))
		for _, driver := range []string{"modernc.org/sqlite", "github.com/jackc/pgx/v5"} {
			if got := slices.Contains(deps, driver); got != want {
				t.Errorf("tags %q: %s is built in: %v, want %v", tags, driver, got, want)
			}
		}
	}
}
