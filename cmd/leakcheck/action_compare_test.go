package main

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// hub is GitHub, as far as comments on a pull request go.
type hub struct {
	mu       sync.Mutex
	readOnly bool // as for a pull request from a fork
	comments []string
	calls    []string
}

func (h *hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.calls = append(h.calls, r.Method+" "+r.URL.Path)
	var in struct{ Body string }
	if r.Method != http.MethodGet {
		if h.readOnly {
			http.Error(w, `{"message": "Resource not accessible by integration"}`, http.StatusForbidden)
			return
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
	}
	h.answer(w, r.Method, in.Body)
}

func (h *hub) answer(w http.ResponseWriter, method, body string) {
	switch method {
	case http.MethodPost:
		h.comments = append(h.comments, body)
		w.WriteHeader(http.StatusCreated)
	case http.MethodPatch:
		h.comments[len(h.comments)-1] = body
	default:
		type one struct {
			ID   int    `json:"id"`
			Body string `json:"body"`
		}
		all := []one{}
		for i, text := range h.comments {
			all = append(all, one{i + 1, text})
		}
		_ = json.NewEncoder(w).Encode(all) // the client's end is the test's
	}
}

// pullRequest is the action on a pull request of a repository.
func pullRequest(t *testing.T, r *repo, h *hub, inputs map[string]string) *runner {
	t.Helper()
	inputs["mode"], inputs["comment"], inputs["quiet"], inputs["pairs"] = "compare", "true", "true", "1"
	a := newRunner(t, inputs)
	a.dir = r.dir
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	a.env = []string{"GITHUB_API_URL=" + server.URL}
	a.context["github.event_name"], a.context["github.event.pull_request.number"] = "pull_request", "7"
	a.context["steps.keep.outputs.artifact-url"] = "https://github.example/artifact/1"
	return a
}

// three are commits of a shop in its repository: without a leak, with one, and with
// the same one. The last is mended, and the mend is not committed.
func three(t *testing.T) *repo {
	r := newRepo(t)
	write(t, filepath.Join(r.dir, "scenario.yaml"), strings.Replace(shopScenario, ", dir: shop", "", 1))
	r.git("add", "scenario.yaml")
	r.commit("shop: offers", server(keepsNothing))
	r.commit("shop: names", server(keepsMuch))
	r.commit("shop: a remark", server(keepsMuch)+"// remark\n")
	write(t, filepath.Join(r.dir, "server.js"), "require('./shop')\n")
	write(t, filepath.Join(r.dir, "shop.js"), server(keepsNothing))
	return r
}

// Base and head are measured in turns, here, and only what became worse fails. The
// comment says what, by how much and where, and is one. The user's files stay.
func TestActionCompare(t *testing.T) {
	t.Parallel()
	r := three(t)
	clean, leaking, remark := r.commits[0], r.commits[1], r.commits[2]
	tests := []struct {
		name, base, head string
		code             int
		outcome          string
		comments         []string // what each holds
	}{
		{"a leak", clean, leaking, 1, "regressed", []string{
			`## leakcheck: regressed`, `\| .list. \| -?\d\.\d \| [89]\d\d \| \+[89]\d\d \| \[\+`, `suspect: server.js:9:`, `\[Recordings and reports\]\(https://github.example/artifact/1\)`,
			`leakcheck compare [0-9a-f]+ [0-9a-f]+ scenario.yaml --run --endpoint list`,
		}},
		{"an old leak", leaking, remark, 0, "unchanged", nil},
		{"a fix", "HEAD", ".", 0, "unchanged", []string{`## leakcheck: unchanged`, `\| improved \|`, `of a checkout with changes`}},
	}
	before := r.git("status", "--porcelain")
	t.Cleanup(func() {
		if after := r.git("status", "--porcelain"); after != before || strings.Contains(r.git("worktree", "list"), "\n") {
			t.Errorf("the checkout has changed: %s", after)
		}
	})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := &hub{}
			a := pullRequest(t, r, h, map[string]string{"base": tt.base, "head": tt.head, "runs-dir": t.TempDir(), "history": "off"})
			if code := a.run(); code != tt.code || a.output("outcome") != tt.outcome {
				t.Errorf("the job ends with %d (%s), want %d (%s)", code, a.output("outcome"), tt.code, tt.outcome)
			}
			text := strings.Join(h.comments, "\n\n\n")
			for _, want := range tt.comments {
				if !regexp.MustCompile(want).MatchString(text) {
					t.Errorf("no %s in the comment:\n%s", want, text)
				}
			}
			if (len(h.comments) > 0) != (tt.comments != nil) || strings.Contains(text, os.TempDir()) {
				t.Errorf("comments: %q", h.comments)
			}
			if tt.code == 1 {
				commentAgain(t, a, h)
			}
		})
	}
}

// commentAgain takes the last steps once more: a second comment updates the first, and
// where the token may only read, as that of a fork, the job ends with the verdict's code.
func commentAgain(t *testing.T, a *runner, h *hub) {
	t.Helper()
	for _, readOnly := range []bool{false, true} {
		h.readOnly, a.failed = readOnly, false
		code := 0
		for _, s := range readAction(t).Runs.Steps {
			if strings.HasPrefix(s.Name, "Comment") || s.Name == "Answer" {
				code = a.execute(s)
			}
		}
		if got := fmt.Sprint(code, len(h.comments)); got != "1 1" {
			t.Errorf("read-only %v: code and number of comments are %s, want 1 1", readOnly, got)
		}
	}
	if log := a.context["log.Comment on the pull request"]; !strings.Contains(log, "::notice title=leakcheck::no comment: ") {
		t.Errorf("no notice in %q", log)
	}
	if !strings.Contains(a.context["log.Measure"], "::error file=server.js,line=9,title=Regressed%3A list::") {
		t.Error("no annotation")
	}
}

// The artifact has room for so much: the last snapshot of a leak is kept before its first.
func TestActionPacksSnapshots(t *testing.T) {
	r := newRunner(t, map[string]string{"working-directory": "app"})
	r.context["steps.run.outputs.runs"] = ".leakcheck/runs"
	dir := filepath.Join(r.dir, "app", ".leakcheck", "runs", "20261121-150405-ab12cd")
	for name, size := range map[string]int{"heap-1-cart-1": 4 << 20, "heap-1-cart-3": 5 << 20, "heap-2-list-3": 1 << 20} {
		noise := make([]byte, size) // which nothing packs
		_, _ = rand.Read(noise)     // never fails, as documented
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		if _, err := z.Write(noise); err != nil || z.Close() != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, name+".heapsnapshot.gz"), packed.String())
	}
	steps := readAction(t).Runs.Steps
	i := slices.IndexFunc(steps, func(s step) bool { return s.Name == "Pack the snapshots" })
	if code := r.execute(steps[i]); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range left {
		left[i] = filepath.Base(left[i])
	}
	if got, want := fmt.Sprint(left), "[heap-1-cart-3.heapsnapshot.gz heap-2-list-3.heapsnapshot.gz]"; got != want {
		t.Errorf("left are %s, want %s", got, want)
	}
	if log := r.context["log.Pack the snapshots"]; !strings.Contains(log, "not in the artifact: heap-1-cart-1.heapsnapshot.gz of ") {
		t.Errorf("the log does not say what is left out: %q", log)
	}
}
