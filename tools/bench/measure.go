package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/leakcheck/leakcheck/loadgen"
	"github.com/leakcheck/leakcheck/tools/bench/spread"
)

// comparison is what the benchmark prints, in requests per second.
type comparison struct {
	ours, wrk float64
	ratio     spread.Spread // of pairs run one after the other
}

func (c comparison) String() string {
	return fmt.Sprintf("closed loop %s req/s, wrk %s req/s, ratio %.2f (%.2f-%.2f)",
		thousands(c.ours), thousands(c.wrk), c.ratio.Median, c.ratio.Low, c.ratio.High)
}

func measure(ctx context.Context, pairs int, turn time.Duration, connections int) (comparison, error) {
	wrk, err := exec.LookPath("wrk")
	if err != nil {
		return comparison{}, errors.New("wrk is not installed: it is the reference (Debian and Homebrew: package wrk)")
	}
	url, stop, err := startServer(ctx)
	if err != nil {
		return comparison{}, err
	}
	defer stop()
	loader, err := loadgen.New(loadgen.Options{BaseURL: url, Workers: connections})
	if err != nil {
		return comparison{}, err
	}
	defer loader.Close()
	b := bench{wrk: wrk, url: url, loader: loader, turn: turn, connections: connections}
	return b.compare(ctx, pairs)
}

type bench struct {
	wrk, url    string
	loader      *loadgen.Loader
	turn        time.Duration
	connections int
}

// compare runs the two in turns, the one first that was second before, so that
// what else the machine does falls on both.
func (b *bench) compare(ctx context.Context, pairs int) (comparison, error) {
	reference, err := b.runWrk(ctx) // warms the server up
	if err != nil {
		return comparison{}, err
	}
	n := int(reference * b.turn.Seconds())
	var ours, wrks, ratios []float64
	for i := range pairs {
		order := []func() (float64, error){
			func() (float64, error) { return b.runOurs(ctx, n) },
			func() (float64, error) { return b.runWrk(ctx) },
		}
		var got [2]float64
		for k := range order {
			which := (i + k) % 2
			if got[which], err = order[which](); err != nil {
				return comparison{}, err
			}
		}
		ours, wrks, ratios = append(ours, got[0]), append(wrks, got[1]), append(ratios, got[0]/got[1])
	}
	return comparison{ours: spread.Of(ours).Median, wrk: spread.Of(wrks).Median, ratio: spread.Of(ratios)}, nil
}

func (b *bench) runOurs(ctx context.Context, n int) (float64, error) {
	e, err := b.loader.Prepare(loadgen.Request{Name: "bench", Path: "/"})
	if err != nil {
		return 0, err
	}
	load, err := b.loader.Block(ctx, e, n)
	if err != nil {
		return 0, err
	}
	if load.Landed != n {
		return 0, fmt.Errorf("%d of %d requests landed: %v", load.Landed, n, load.Errors)
	}
	return float64(load.Rate), nil
}

var requestsPerSecond = regexp.MustCompile(`Requests/sec:\s+([0-9.]+)`)

func (b *bench) runWrk(ctx context.Context) (float64, error) {
	out, err := exec.CommandContext(ctx, b.wrk, "-t1", "-c"+strconv.Itoa(b.connections),
		fmt.Sprintf("-d%ds", max(1, int(b.turn.Seconds()))), b.url).CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("run wrk: %w: %s", err, out)
	}
	m := requestsPerSecond.FindSubmatch(out)
	if m == nil {
		return 0, fmt.Errorf("read wrk's output: no requests per second in %s", out)
	}
	return strconv.ParseFloat(string(m[1]), 64)
}

func thousands(v float64) string {
	digits := strconv.Itoa(int(v + 0.5))
	var groups []string
	for len(digits) > 3 {
		groups = append([]string{digits[len(digits)-3:]}, groups...)
		digits = digits[:len(digits)-3]
	}
	return strings.Join(append([]string{digits}, groups...), ",")
}
