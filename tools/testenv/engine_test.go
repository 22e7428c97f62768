package testenv

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func TestNodeImage(t *testing.T) {
	NeedEngine(t)
	path, err := exec.LookPath("node")
	if err != nil {
		t.Skip("no node on PATH")
	}
	node, err := OpenNode(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	image, err := NodeImage(t.Context(), node)
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("docker", "run", "--rm", "--network=none", image, "node", "--version").CombinedOutput()
	if got := strings.TrimSpace(string(out)); err != nil || got != node.Version {
		t.Errorf("node --version in %s = %q, %v, want %q", image, got, err, node.Version)
	}
}

func TestRemoveStale(t *testing.T) {
	comm, err := os.ReadFile("/proc/self/comm")
	if err != nil {
		t.Skip(err)
	}
	self := strings.TrimSpace(string(comm))
	tests := []struct {
		name, content, program string
		stays                  bool
	}{
		{"its process", strconv.Itoa(os.Getpid()) + "\n", self, true},
		{"another process", strconv.Itoa(os.Getpid()), "dockerd", false},
		{"no process", "4194305", self, false}, // above the largest ID
		{"empty", "", self, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "engine.pid")
			if err := os.WriteFile(file, []byte(tt.content), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := removeStale(file, tt.program); err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(file); (err == nil) != tt.stays {
				t.Errorf("file stays: %t, want %t", err == nil, tt.stays)
			}
		})
	}
	if err := removeStale(filepath.Join(t.TempDir(), "none"), self); err != nil {
		t.Error(err)
	}
}
