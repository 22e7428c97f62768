package main

import (
	"bufio"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

//go:embed server.js
var serverJS string

// startServer runs the node server, which ends when its stdin does.
func startServer(ctx context.Context) (url string, stop func(), err error) {
	cmd := exec.CommandContext(ctx, "node", "-e", serverJS)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return "", nil, fmt.Errorf("start node server: %w", err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, fmt.Errorf("start node server: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return "", nil, fmt.Errorf("start node server: %w", err)
	}
	stop = func() {
		_ = stdin.Close()
		_ = cmd.Wait()
	}
	port, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		stop()
		return "", nil, errors.Join(errors.New("start node server: it ended before it listened"), err)
	}
	return "http://127.0.0.1:" + strings.TrimSpace(port) + "/", stop, nil
}
