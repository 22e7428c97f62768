package testenv

import (
	"os/exec"
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
