package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// shopScenario has a budget of 278 bytes per request at 10 requests a second.
const shopScenario = `version: 1
name: shop
target: {command: [node, server.js], dir: shop, prepare: [node, --check, server.js]}
budget: 10 MB/h
endpoints: [{name: list, request: GET /, rate: 10/s}]
`

// repo is a git repository of a small server, beside the scenario, the runs and
// the history.
type repo struct {
	t       *testing.T
	dir     string // of the server
	beside  string
	commits []string
	dates   []string // GIT_*_DATE for git
}

func newRepo(t *testing.T) *repo {
	t.Helper()
	for _, program := range []string{"node", "git"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("needs %s", program)
		}
	}
	beside := t.TempDir()
	r := &repo{t: t, beside: beside, dir: filepath.Join(beside, "shop")}
	r.run(0, "git", "init", "--quiet", r.dir)
	r.git("config", "user.name", "A Committer")
	r.git("config", "user.email", "committer@example.org")
	return r
}

// in is the repository for a subtest.
func (r *repo) in(t *testing.T) *repo {
	sub := *r
	sub.t = t
	return &sub
}

// commit adds a version of the server, an hour after the one before.
func (r *repo) commit(subject, server string) string {
	r.t.Helper()
	write(r.t, filepath.Join(r.dir, "server.js"), server)
	at := time.Date(2026, 11, 1, len(r.commits), 0, 0, 0, time.UTC).Format(time.RFC3339)
	r.dates = []string{"GIT_AUTHOR_DATE=" + at, "GIT_COMMITTER_DATE=" + at}
	r.git("add", "server.js")
	r.git("commit", "--quiet", "--message", subject)
	commit := r.git("rev-parse", "HEAD")
	r.commits = append(r.commits, commit)
	return commit
}

func (r *repo) git(args ...string) string {
	r.t.Helper()
	return strings.TrimSpace(r.run(0, "git", append([]string{"-C", r.dir}, args...)...))
}

// leakcheck runs the command beside the repository, and checks its exit code.
func (r *repo) leakcheck(code int, args ...string) string {
	r.t.Helper()
	out := r.run(code, "leakcheck", args...)
	r.t.Logf("leakcheck %s\n%s", strings.Join(args, " "), out)
	return out
}

// into runs the command with --json and decodes what it prints.
func (r *repo) into(doc any, code int, args ...string) {
	r.t.Helper()
	out := r.run(code, "leakcheck", append(args, "--json")...)
	if err := json.Unmarshal([]byte(out), doc); err != nil {
		r.t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func (r *repo) run(code int, program string, args ...string) string {
	r.t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir, cmd.Env = r.beside, append(os.Environ(), r.dates...)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	err := cmd.Run()
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
		r.t.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != code {
		r.t.Fatalf("%s %s: exit code %d, want %d\n%s%s", program, strings.Join(args, " "), got, code, out.String(), said.String())
	}
	return out.String()
}

// untouched holds that no worktree and no bisection is left, and that the
// checkout is as it was.
func (r *repo) untouched() {
	r.t.Helper()
	if trees := r.git("worktree", "list"); strings.Contains(trees, "\n") {
		r.t.Errorf("worktrees are left:\n%s", trees)
	}
	if head := r.git("rev-parse", "HEAD"); head != r.commits[len(r.commits)-1] {
		r.t.Errorf("the checkout is at %s", head)
	}
	if status := r.git("status", "--porcelain"); status != "" {
		r.t.Errorf("the checkout has changes:\n%s", status)
	}
	if _, err := os.Stat(filepath.Join(r.dir, ".git", "BISECT_LOG")); err == nil {
		r.t.Error("a bisection is left in the user's repository")
	}
}

// server is the source of a shop; keep is what it does for each request before
// it answers, n being the request's number.
func server(keep string) string {
	return fmt.Sprintf(`'use strict'

const http = require('node:http')
let n = 0
let last = null

http.createServer((request, response) => {
  n++
  %s
  response.end('offers')
}).listen(process.env.PORT, '127.0.0.1')
`, keep)
}

// What the shop does with a request, by what stays of it. An object is three
// words of 8 bytes and one for each property.
const (
	keepsNothing = `response.setHeader('X-Offers', n)`
	keeps40      = `last = { last, n }`
	keeps60      = `last = n % 2 ? { last, n, a: 0, b: 0 } : { last, n, a: 0, b: 0, c: 0 }`
	keepsMuch    = `last = { last, names: new Array(100).fill(n) }`
)

// refactored is the shop that keeps nothing, written in another way.
const refactored = `'use strict'

const http = require('node:http')

class Shop {
  #requests = 0

  answer(response) {
    this.#requests += 1
    response.setHeader('X-Offers', this.#requests)
    response.end('offers')
  }
}

const shop = new Shop()
const server = http.createServer((_, response) => shop.answer(response))
server.listen(process.env.PORT, '127.0.0.1')
`

// broken cannot be built: node --check refuses it.
var broken = server("keep(request")
