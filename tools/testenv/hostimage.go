package testenv

import (
	"context"
	"fmt"
	"os/exec"
	"testing"
)

// HostImage is NodeImage of the node on PATH.
func HostImage(ctx context.Context) (string, error) {
	path, err := exec.LookPath("node")
	if err != nil {
		return "", fmt.Errorf("find node: %w", err)
	}
	node, err := OpenNode(ctx, path)
	if err != nil {
		return "", err
	}
	return NodeImage(ctx, node)
}

// NeedHostImage is HostImage for a test, which is skipped as by NeedEngine, and
// where there is no node.
func NeedHostImage(t testing.TB) string {
	t.Helper()
	NeedEngine(t)
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("no node on PATH")
	}
	image, err := HostImage(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return image
}
