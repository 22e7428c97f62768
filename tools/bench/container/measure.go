package main

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/leakcheck/leakcheck/tools/bench/spread"
	"github.com/leakcheck/leakcheck/tools/testenv"
)

//go:embed app.js
var appJS string

const scenario = `version: 1
name: bench
target:
  container: {image: "%s", pull: never, command: [node, /app.js], mounts: [{source: app.js, target: /app.js, read_only: true}]}
endpoints: [{name: load, request: GET /load}]
`

const (
	poll   = 5 * time.Millisecond
	within = time.Minute // for one turn
)

// comparison is what the benchmark prints, in seconds.
type comparison struct {
	ours, docker, more spread.Spread // more is of pairs run one after the other
}

func (c comparison) String() string {
	show := func(s spread.Spread) string { return fmt.Sprintf("%.2f s (%.2f-%.2f)", s.Median, s.Low, s.High) }
	return fmt.Sprintf("container start: leakcheck run to its first block %s, docker run to the first answer %s, difference %s",
		show(c.ours), show(c.docker), show(c.more))
}

// bench is a folder with leakcheck, an app and a scenario, and an image.
type bench struct {
	dir, image string
}

func newBench(ctx context.Context) (*bench, error) {
	if err := testenv.StartEngine(ctx); err != nil {
		return nil, err
	}
	path, err := exec.LookPath("node")
	if err != nil {
		return nil, err
	}
	node, err := testenv.OpenNode(ctx, path)
	if err != nil {
		return nil, err
	}
	b := &bench{}
	if b.image, err = testenv.NodeImage(ctx, node); err != nil {
		return nil, err
	}
	if b.dir, err = os.MkdirTemp("", "bench-container-"); err != nil {
		return nil, err
	}
	if err := b.fill(ctx); err != nil {
		return nil, errors.Join(err, b.close())
	}
	return b, nil
}

func (b *bench) fill(ctx context.Context) error {
	for name, text := range map[string]string{"app.js": appJS, "scenario.yaml": fmt.Sprintf(scenario, b.image)} {
		if err := os.WriteFile(filepath.Join(b.dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	build := exec.CommandContext(ctx, "go", "build", "-o", filepath.Join(b.dir, "leakcheck"), "github.com/leakcheck/leakcheck/cmd/leakcheck")
	if said, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build leakcheck: %w\n%s", err, said)
	}
	return nil
}

func (b *bench) close() error { return os.RemoveAll(b.dir) }

// compare runs the two in turns, the one first that was second before, after
// one of each that does not count: it fills the caches.
func (b *bench) compare(ctx context.Context, turns int) (comparison, error) {
	var ours, docker, more []float64
	for i := -1; i < turns; i++ {
		order := []func(context.Context) (time.Duration, error){b.leakcheck, b.dockerRun}
		var got [2]float64
		for k := range order {
			which := (i + 1 + k) % 2
			took, err := order[which](ctx)
			if err != nil {
				return comparison{}, err
			}
			got[which] = took.Seconds()
		}
		if i >= 0 {
			ours, docker, more = append(ours, got[0]), append(docker, got[1]), append(more, got[0]-got[1])
		}
	}
	return comparison{spread.Of(ours), spread.Of(docker), spread.Of(more)}, nil
}

// leakcheck measures from the start of the command to the app's first request
// of load, which the app notes in its log, and ends the run there.
func (b *bench) leakcheck(ctx context.Context) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	runs, err := os.MkdirTemp(b.dir, "runs-")
	if err != nil {
		return 0, err
	}
	cmd := exec.CommandContext(ctx, filepath.Join(b.dir, "leakcheck"), "run", "--quiet", "--runs-dir", runs, filepath.Join(b.dir, "scenario.yaml"))
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = within
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	first, err := awaitLoad(ctx, runs)
	stopErr := cmd.Process.Signal(os.Interrupt)
	_ = cmd.Wait() // it was interrupted
	if err != nil {
		return 0, fmt.Errorf("leakcheck run: %w\n%s", errors.Join(err, stopErr), said.Bytes())
	}
	return first.Sub(start), nil
}

// awaitLoad is when the app had its first request of load.
func awaitLoad(ctx context.Context, runs string) (time.Time, error) {
	for {
		logs, err := filepath.Glob(filepath.Join(runs, "*", "target.log"))
		if err != nil {
			return time.Time{}, err
		}
		for _, log := range logs {
			text, err := os.ReadFile(log)
			if err != nil {
				return time.Time{}, err
			}
			if _, after, found := strings.Cut(string(text), "load "); found {
				if stamp, _, whole := strings.Cut(after, "\n"); whole {
					ms, err := strconv.ParseInt(stamp, 10, 64)
					return time.UnixMilli(ms), err
				}
			}
		}
		select {
		case <-ctx.Done():
			return time.Time{}, errors.New("no block of load began")
		case <-time.After(poll):
		}
	}
}

// dockerRun measures from the start of the command to the app's first answer.
func (b *bench) dockerRun(ctx context.Context) (took time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	start := time.Now()
	out, err := exec.CommandContext(ctx, "docker", "run", "--detach", "--env=PORT=3000", "--publish=127.0.0.1::3000",
		"--volume="+filepath.Join(b.dir, "app.js")+":/app.js:ro", b.image, "node", "/app.js").Output()
	if err != nil {
		return 0, fmt.Errorf("docker run: %w", err)
	}
	id := strings.TrimSpace(string(out))
	defer func() {
		if removeErr := exec.CommandContext(context.WithoutCancel(ctx), "docker", "rm", "--force", id).Run(); removeErr != nil {
			err = errors.Join(err, fmt.Errorf("docker rm: %w", removeErr))
		}
	}()
	port, err := exec.CommandContext(ctx, "docker", "port", id, "3000").Output()
	if err != nil {
		return 0, fmt.Errorf("docker port: %w", err)
	}
	if err := awaitAnswer(ctx, "http://"+strings.TrimSpace(string(port))+"/load"); err != nil {
		return 0, err
	}
	return time.Since(start), nil
}

func awaitAnswer(ctx context.Context, url string) error {
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		if answer, err := http.DefaultClient.Do(request); err == nil {
			return answer.Body.Close()
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("docker run: no answer at %s", url)
		case <-time.After(poll):
		}
	}
}
