package target_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/leakcheck/leakcheck/harness/target"
)

func TestStartErrors(t *testing.T) {
	soon := target.Ready{Timeout: 3 * time.Second} // ample for Node to start on a busy machine
	tests := []struct {
		name    string
		options target.Options
		kind    target.Kind
		says    string // in the error
		hint    string
		detail  string
	}{
		{"no command", target.Options{}, target.BadCommand, "empty", "", ""},
		{"no such program", target.Options{Command: []string{"no-such-program"}}, target.CommandNotFound, "no-such-program", "PATH", ""},
		{"no such folder", target.Options{Command: []string{"node"}, Dir: "testdata/none"}, target.CommandNotFound, "none", "target.dir", ""},
		{"not executable", target.Options{Command: []string{"./plain.js"}}, target.CommandNotFound, "permission denied", "executable", ""},
		{"no node", target.Options{Command: []string{"node", "plain.js"}, Env: map[string]string{"PATH": "/none"}}, target.NodeMissing, "find node", "install", ""},
		{"no node in a shell", target.Options{Command: []string{"/bin/sh", "-c", "node plain.js"}, Env: map[string]string{"PATH": "/none"}}, target.NodeMissing, "code 127", "install", "not found"},
		{"waits for a debugger", target.Options{Command: []string{"node", "--inspect-brk", "plain.js"}}, target.BadCommand, "--inspect-brk", "remove", ""},
		{"waits in a shell", target.Options{Command: []string{"sh", "-c", "node --inspect-brk=0 plain.js"}}, target.BadCommand, "--inspect-brk=0", "remove", ""},
		{"opens an inspector", target.Options{Command: []string{"node", "--inspect=0.0.0.0:0", "plain.js"}}, target.OpenInspector, "inspector of its own on 0.0.0.0:", "target.inspect: keep", "ready to serve"},
		{"opens one in a shell", target.Options{Command: []string{"sh", "-c", "node --inspect=[::]:0 plain.js"}}, target.OpenInspector, "inspector of its own on [::]:", "target.inspect: keep", ""},
		{"opens one in a child", target.Options{Command: []string{"node", "inspected-child.js"}}, target.OpenInspector, "inspector of its own on 0.0.0.0:", "target.inspect: keep", ""},
		{"may open no inspector", target.Options{Command: []string{"node", "--experimental-permission", "--allow-fs-read=*", "plain.js"}}, target.NoInspector, "no inspector", "with --experimental-permission Node opens no inspector", ""},
		{"may not read", target.Options{Command: []string{"node", "--experimental-permission", "--allow-fs-read=*", "-e", "require('fs').writeFileSync('x', '')"}}, target.DiedAtStart, "exited with code 1", "permission model", "ERR_ACCESS_DENIED"},
		{"dies", target.Options{Command: []string{"node", "dies.js"}}, target.DiedAtStart, "exited with code 7", "", "no database here"},
		{"leaves", target.Options{Command: []string{"node", "-e", "0"}}, target.DiedAtStart, "exited with code 0", "foreground", ""},
		{"never listens", target.Options{Command: []string{"node", "silent.js"}, Ready: soon}, target.NeverListened, "3s", "process.env.PORT", "still thinking"},
		{"listens elsewhere", target.Options{Command: []string{"node", "elsewhere.js"}, Ready: soon}, target.ListensElsewhere, "not on the port", "target.port", "port"},
		{"answers 503", target.Options{Command: []string{"node", "plain.js"}, Ready: target.Ready{Path: "/broken", Timeout: soon.Timeout}}, target.NotReady, "503", "target.ready", "ready to serve"},
		{"log line absent", target.Options{Command: []string{"node", "plain.js"}, Ready: target.Ready{Log: regexp.MustCompile("never"), Timeout: soon.Timeout}}, target.NotReady, `"never"`, "target.ready", "ready to serve"},
		{"heap too small", target.Options{Command: []string{"node", "--max-old-space-size=8", "-e", "const a=[]; for(;;) a.push([a.length])"}}, target.DiedAtStart, "heap", "max-old-space-size", "JavaScript heap out of memory"},
		{"not node", target.Options{Command: []string{"sh", "-c", "exec env -u NODE_OPTIONS node plain.js"}}, target.NoInspector, "no inspector", "NODE_OPTIONS", "ready to serve"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := tt.options
			o.RunID = uuid.NewString()
			if o.Dir == "" {
				o.Dir = "testdata"
			}
			got := refuse(t, o)
			if got.Kind != tt.kind {
				t.Errorf("kind: got %d (%v), want %d", got.Kind, got, tt.kind)
			}
			wantContains(t, "error", got.Error(), tt.says)
			wantContains(t, "hint", got.Hint, tt.hint)
			wantContains(t, "detail", got.Detail, tt.detail)
		})
	}
}

func wantContains(t *testing.T, what, got, want string) {
	t.Helper()
	if !strings.Contains(got, want) {
		t.Errorf("%s: got %q, want %q in it", what, got, want)
	}
}

func TestNodeTooOld(t *testing.T) {
	dir := t.TempDir()
	old := filepath.Join(dir, "node")
	if err := os.WriteFile(old, []byte("#!/bin/sh\necho v16.20.2\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	got := refuse(t, options(t, old, "plain.js"))
	if got.Kind != target.NodeTooOld {
		t.Errorf("kind: got %d (%v), want %d", got.Kind, got, target.NodeTooOld)
	}
	wantContains(t, "error", got.Error(), "16.20")
}

func TestPortTaken(t *testing.T) {
	for _, addr := range []string{"127.0.0.1:0", "0.0.0.0:0", "[::]:0", "[::1]:0"} {
		t.Run(addr, func(t *testing.T) {
			l, err := net.Listen("tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			o := options(t, "node", "plain.js")
			o.Port = l.Addr().(*net.TCPAddr).Port
			got := refuse(t, o)
			if got.Kind != target.PortTaken {
				t.Errorf("kind: got %d (%v), want %d", got.Kind, got, target.PortTaken)
			}
		})
	}
}

func TestUnwritableLog(t *testing.T) {
	o := options(t, "node", "plain.js")
	o.LogPath = filepath.Join(t.TempDir(), "none", "target.log")
	p, err := target.Start(t.Context(), o)
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Start: got %v, %v, want %v", p, err, os.ErrNotExist)
	}
	wantGone(t, o.RunID)
}

func TestStartIsCancelled(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	o := options(t, "node", "silent.js")
	p, err := target.Start(ctx, o)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Start: got %v, %v, want %v", p, err, context.DeadlineExceeded)
	}
	wantGone(t, o.RunID)
}
