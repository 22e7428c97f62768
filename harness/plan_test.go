package harness_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/leakcheck/leakcheck/harness"
)

func TestCompileNamesMissingVariables(t *testing.T) {
	s := scenario(t, "node", `--secret={{env "LEAKCHECK_TEST_NONE"}}`)
	s.Target.Env = map[string]string{"TOKEN": `{{env "LEAKCHECK_TEST_NOR"}}`, "AT": "{{port}}"}
	s.Path = "x.yaml"
	_, err := harness.Compile(s, harness.Options{Dir: t.TempDir()})
	const want = "x.yaml: target.command[1]: environment variable LEAKCHECK_TEST_NONE is not set\n" +
		"x.yaml: target.env.TOKEN: environment variable LEAKCHECK_TEST_NOR is not set"
	if err == nil || err.Error() != want {
		t.Errorf("error: got %v\nwant %s", err, want)
	}
}

// The target gets the values of variables; the recording keeps their names.
func TestTargetTemplates(t *testing.T) {
	t.Setenv("LEAKCHECK_TEST_ARG", "arg-secret")
	t.Setenv("LEAKCHECK_TEST_ENV", "env-secret")
	s := scenario(t, "node", "prints.js", `{{env "LEAKCHECK_TEST_ARG"}}:{{port}}`)
	s.Target.Env = map[string]string{"TOKEN": `<{{env "LEAKCHECK_TEST_ENV"}}>`}
	dir := t.TempDir()
	p, err := harness.Compile(s, harness.Options{Dir: dir, RunID: uuid.NewString(), Tool: "test"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = harness.Run(t.Context(), p, harness.Hooks{})
	wantTargetFailed(t, err, "exited with code 3", "argument true, token <env-secret>")
	recorded, err := os.ReadFile(filepath.Join(dir, harness.RecordingFile))
	if err != nil {
		t.Fatal(err)
	}
	if text := string(recorded); strings.Contains(text, "-secret") || !strings.Contains(text, "LEAKCHECK_TEST_ARG") {
		t.Errorf("recording: want the variable's name and no value in it, got %.2000s", text)
	}
}
