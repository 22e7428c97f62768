package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
)

// action is as much of action.yml as the tests read.
type action struct {
	Inputs  map[string]struct{ Default string }
	Outputs map[string]struct{ Value string }
	Runs    struct{ Steps []step }
}

type step struct {
	Name, ID, If, Uses, Run, Shell string
	Dir                            string `yaml:"working-directory"`
	Env                            map[string]string
}

const actionFile = "../../action.yml"

func readAction(t *testing.T) action {
	t.Helper()
	var a action
	if err := yaml.Unmarshal([]byte(read(t, actionFile)), &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// own are the action's inputs that are no flags of run.
var own = []string{"artifact", "base", "changed", "comment", "head", "mode", "pairs", "scenario", "token", "tolerance", "version", "working-directory"}

// The action's inputs are the flags of run, one to one, and each is passed on.
func TestActionInputs(t *testing.T) {
	a := readAction(t)
	var got []string
	for name := range a.Inputs {
		if !slices.Contains(own, name) {
			got = append(got, name)
		}
	}
	want := slices.DeleteFunc(flagsOf("run"), func(name string) bool { return name == "help" })
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("inputs differ (-run's flags +action.yml):\n%s", diff)
	}
	for _, name := range got {
		if !strings.Contains(read(t, actionFile), "--"+name+"=") {
			t.Errorf("input %s is not passed to leakcheck run", name)
		}
	}
}

// The examples name inputs that exist, and are what leakcheck ci prints.
func TestExampleWorkflows(t *testing.T) {
	a := readAction(t)
	for file, args := range map[string][]string{
		"nightly.yml": {"github"}, "pull-request.yml": {"github", "pull-request"}, "matrix.yml": {"github", "matrix"},
	} {
		text := read(t, "../../.github/examples/"+file)
		if printed := printed(t, ".", append([]string{"ci"}, args...)...); printed != text {
			t.Errorf("%s is not what leakcheck ci %s prints", file, strings.Join(args, " "))
		}
		for _, with := range withs(t, text) {
			for name := range with {
				if _, ok := a.Inputs[name]; !ok {
					t.Errorf("%s: the action has no input %s", file, name)
				}
			}
		}
	}
}

// The Kubernetes example is what leakcheck ci prints, and its pods' command runs
// a part of a suite whose parts merge joins.
func TestExampleKubernetes(t *testing.T) {
	text := read(t, "../../.github/examples/kubernetes.yaml")
	if printed := printed(t, ".", "ci", "kubernetes"); printed != text {
		t.Error("kubernetes.yaml is not what leakcheck ci kubernetes prints")
	}
	var job struct {
		Spec struct {
			Completions int
			Template    struct {
				Spec struct{ Containers []struct{ Args []string } }
			}
		}
	}
	if err := yaml.Unmarshal([]byte(text), &job); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	script := strings.ReplaceAll(job.Spec.Template.Spec.Containers[0].Args[0], "/results", filepath.Join(dir, "results"))
	for i := range job.Spec.Completions {
		write(t, filepath.Join(dir, "scenarios", strconv.Itoa(i), "leaks.yaml"),
			"version: 1\nname: shop\ntarget: {command: [node, none.js]}\nendpoints: [{name: home, request: GET /}]\n")
	}
	for i := range job.Spec.Completions {
		pod := exec.Command("sh", "-c", script)
		pod.Dir, pod.Env = dir, append(os.Environ(), fmt.Sprintf("JOB_COMPLETION_INDEX=%d", i))
		// Nothing starts: that is to be tried again.
		if out, _ := pod.CombinedOutput(); pod.ProcessState.ExitCode() != 4 {
			t.Errorf("pod %d: exit code %d, want 4\n%s", i, pod.ProcessState.ExitCode(), out)
		}
	}
	merge := exec.Command("leakcheck", "merge", filepath.Join(dir, "results"))
	out, _ := merge.CombinedOutput()
	if merge.ProcessState.ExitCode() != 4 || strings.Count(string(out), "leaks.yaml") < job.Spec.Completions {
		t.Errorf("merge: exit code %d\n%s", merge.ProcessState.ExitCode(), out)
	}
	t.Logf("%s", out)
}

// withs are what a workflow gives the action.
func withs(t *testing.T, text string) []map[string]any {
	t.Helper()
	var w struct {
		Jobs map[string]struct {
			Steps []struct {
				Uses string
				With map[string]any
			}
		}
	}
	if err := yaml.Unmarshal([]byte(text), &w); err != nil {
		t.Fatal(err)
	}
	var all []map[string]any
	for _, job := range w.Jobs {
		for _, s := range job.Steps {
			if strings.HasPrefix(s.Uses, "leakcheck/leakcheck@") {
				all = append(all, s.With)
			}
		}
	}
	if len(all) == 0 {
		t.Error("no step uses the action")
	}
	return all
}

// runner executes the action's steps as GitHub's does, on this machine.
type runner struct {
	t       *testing.T
	dir     string // the workspace
	temp    string
	inputs  map[string]string
	context map[string]string // "github.event_name", "steps.run.outputs.outcome", ...
	path    string
	env     []string // more of the job's
	kept    []string // steps with uses: that would have run
	failed  bool
}

func newRunner(t *testing.T, inputs map[string]string) *runner {
	t.Helper()
	source, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	r := &runner{
		t: t, dir: t.TempDir(), temp: t.TempDir(), inputs: map[string]string{}, path: os.Getenv("PATH"),
		context: map[string]string{"github.action_path": source, "github.event_name": "schedule", "github.token": "none"},
	}
	for name, in := range readAction(t).Inputs {
		r.inputs[name] = in.Default
	}
	for name, value := range inputs {
		r.inputs[name] = value
	}
	r.context["runner.temp"] = r.temp
	return r
}

var expression = regexp.MustCompile(`\$\{\{(.*?)\}\}`)

// expand puts values for expressions.
func (r *runner) expand(text string) string {
	return expression.ReplaceAllStringFunc(text, func(e string) string {
		return r.value(strings.TrimSpace(expression.FindStringSubmatch(e)[1]))
	})
}

func (r *runner) value(name string) string {
	switch input, isInput := strings.CutPrefix(name, "inputs."); {
	case strings.HasPrefix(name, "'"):
		return strings.Trim(name, "'")
	case isInput:
		return r.inputs[input]
	}
	return r.context[name]
}

// holds evaluates a condition made of ==, != and &&; always() is what a step
// needs to run after a failure.
func (r *runner) holds(condition string) bool {
	condition = strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(condition, "${{"), "}}"))
	if condition == "" {
		return !r.failed
	}
	all := !r.failed || strings.Contains(condition, "always()")
	for part := range strings.SplitSeq(condition, "&&") {
		part = strings.TrimSpace(part)
		if a, b, ok := strings.Cut(part, " == "); ok {
			all = all && r.value(a) == r.value(b)
		} else if a, b, ok := strings.Cut(part, " != "); ok {
			all = all && r.value(a) != r.value(b)
		} else if part != "always()" {
			r.t.Fatalf("condition %q is beyond this test", part)
		}
	}
	return all
}

// run executes all steps and returns the code that the job would end with.
func (r *runner) run() int {
	code := 0
	for _, s := range readAction(r.t).Runs.Steps {
		switch {
		case !r.holds(s.If):
		case s.Uses != "":
			r.kept = append(r.kept, s.Name)
		default:
			if c := r.execute(s); c != 0 {
				r.failed, code = true, c
			}
		}
	}
	return code
}

func (r *runner) execute(s step) int {
	r.t.Helper()
	files := map[string]string{}
	for _, name := range []string{"GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_STEP_SUMMARY"} {
		files[name] = filepath.Join(r.temp, name)
	}
	_ = os.Remove(files["GITHUB_OUTPUT"])
	cmd := exec.Command("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", s.Run)
	cmd.Dir = filepath.Join(r.dir, r.expand(s.Dir))
	cmd.Env = append(os.Environ(), "PATH="+r.path, "RUNNER_TEMP="+r.temp, "GITHUB_REPOSITORY=owner/repo")
	cmd.Env = append(cmd.Env, r.env...)
	for name, path := range files {
		cmd.Env = append(cmd.Env, name+"="+path)
	}
	for name, value := range s.Env {
		cmd.Env = append(cmd.Env, name+"="+r.expand(value))
	}
	out, err := cmd.CombinedOutput()
	r.t.Logf("%s: %v\n%s", s.Name, err, out)
	r.context["log."+s.Name] = string(out)
	text, _ := os.ReadFile(files["GITHUB_OUTPUT"]) // a step need not have any
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		r.context["steps."+s.ID+".outputs."+name] = value
	}
	return cmd.ProcessState.ExitCode()
}

// output is what the action gives to later steps.
func (r *runner) output(name string) string { return r.expand(readAction(r.t).Outputs[name].Value) }

func (r *runner) summary() string {
	text, err := os.ReadFile(filepath.Join(r.temp, "GITHUB_STEP_SUMMARY"))
	if err != nil {
		r.t.Error(err)
	}
	return string(text)
}

// A target that leaks: the step fails with 1, the summary and the annotations
// say which endpoint, and the runs are kept.
func TestActionLeak(t *testing.T) {
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("needs node")
	}
	r := newRunner(t, map[string]string{"working-directory": "app", "report": "junit=out/junit.xml\nsarif=out/a b.sarif", "quiet": "true"})
	write(t, filepath.Join(r.dir, "app", "scenario.yaml"), `version: 1
name: leaky
target: {command: [node, --max-old-space-size=64, server.js]}
endpoints: [{name: keep, request: GET /keep, rate: 10/s, budget: 1 MB/h}]
`)
	write(t, filepath.Join(r.dir, "app", "server.js"), `const kept = []
require('node:http').createServer((request, response) => {
  kept.push(new Array(1000).fill(request.url))
  response.end('ok')
}).listen(process.env.PORT, '127.0.0.1')
`)
	if code := r.run(); code != 1 {
		t.Errorf("the job ends with %d, want 1", code)
	}
	got := fmt.Sprint(r.output("outcome"), r.output("exit-code"), r.kept)
	if want := "leak1[Keep the runs]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if page := read(t, r.output("report")); !strings.Contains(page, "<svg") {
		t.Error("the report has no chart")
	}
	// A footnote tells that so steep a leak was decided early.
	if !regexp.MustCompile(`(?m)^\| .keep.(<sup>1</sup>)? \| leak \|`).MatchString(r.summary()) {
		t.Errorf("summary:\n%s", r.summary())
	}
	if !strings.Contains(r.context["log.Measure"], "::error file=server.js,line=3,title=Leak%3A keep::") {
		t.Error("no annotation")
	}
	for _, name := range []string{"junit.xml", "a b.sarif"} {
		read(t, filepath.Join(r.dir, "app", "out", name))
	}
}

// A scenario that cannot be read: nothing is measured, the step fails with 2,
// and the summary says so all the same.
func TestActionBadScenario(t *testing.T) {
	r := newRunner(t, map[string]string{"scenario": "nowhere.yaml"})
	if code := r.run(); code != 2 {
		t.Errorf("the job ends with %d, want 2", code)
	}
	got := fmt.Sprint(r.output("outcome"), r.output("exit-code"), r.output("report"), r.kept)
	if want := "failed2[]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if !strings.Contains(r.summary(), "exit code 2") {
		t.Errorf("summary: %s", r.summary())
	}
}
