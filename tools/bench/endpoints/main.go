// Command endpoints measures how long APIs of many endpoints take to a verdict, and whether
// leaks planted in one of a hundred are found, on the catalog's app of many endpoints.
//
//	go run ./tools/bench/endpoints                   # 1 to 200 healthy endpoints, screened and separate
//	go run ./tools/bench/endpoints -leaks 10 -pairs 3  # leaks in a hundred, in places drawn from the seed
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// app is the folder of the app, from the root of the repository.
const app = "scenarios/catalog/hundred-endpoints"

func main() {
	counts := flag.String("counts", "1,2,4,8,20,40,100,200", "numbers of healthy endpoints: `N,...`; empty for none")
	separate := flag.Bool("separate", false, "measure each number with separate blocks as well, for at most five minutes")
	leaks := flag.Int("leaks", 0, "`RUNS` of a hundred endpoints of which one leaks, then two of two")
	pairs := flag.Int("pairs", 0, "`RUNS` of a hundred endpoints of which two leak only together")
	seed := flag.Uint64("seed", 1, "of the places of leaks")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *counts, *separate, *leaks, *pairs, *seed); err != nil {
		fmt.Fprintln(os.Stderr, "bench endpoints:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop was called
	}
}

func run(ctx context.Context, counts string, separate bool, leaks, pairs int, seed uint64) error {
	dir, err := os.MkdirTemp("", "endpoints")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := bench{dir: dir, tool: filepath.Join(dir, "leakcheck"), rng: rand.New(rand.NewPCG(seed, 1))}
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", b.tool, "./cmd/leakcheck").CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w\n%s", err, out)
	}
	fmt.Println("| endpoints | mode | planted | outcome | named | seconds | requests | largest min. detectable (MB/h) |")
	fmt.Println("|---:|---|---|---|---|---:|---:|---:|")
	for text := range strings.SplitSeq(counts, ",") {
		n, err := strconv.Atoi(text)
		if err != nil {
			continue // an empty list
		}
		for _, mode := range []string{"", "separate"} {
			if mode != "" && !separate {
				continue
			}
			if err := b.measure(ctx, n, mode, nil); err != nil {
				return err
			}
		}
	}
	return b.planted(ctx, leaks, pairs)
}

// planted runs a hundred endpoints with leaks in places drawn at random.
func (b *bench) planted(ctx context.Context, leaks, pairs int) error {
	const hundred = 100
	names, err := b.names(ctx, hundred)
	if err != nil {
		return err
	}
	plant := func(runs int, variable string, each int) error {
		for range runs {
			var chosen []string
			for _, i := range b.rng.Perm(len(names))[:each] {
				chosen = append(chosen, names[i])
			}
			if err := b.measure(ctx, hundred, "", []string{variable + "=" + strings.Join(chosen, ",")}); err != nil {
				return err
			}
		}
		return nil
	}
	two := 0
	if leaks > 0 {
		two = 2
	}
	return errors.Join(plant(leaks, "LEAK", 1), plant(two, "LEAK", 2), plant(pairs, "LEAK_PAIR", 2))
}

type bench struct {
	dir, tool string
	rng       *rand.Rand
}

// document is what is read of a verdict.
type document struct {
	Outcome   string `json:"outcome"`
	Endpoints []struct {
		Name          string  `json:"name"`
		Outcome       string  `json:"outcome"`
		Requests      int     `json:"requests"`
		MinDetectable float64 `json:"min_detectable_mb_per_hour"`
	} `json:"endpoints"`
	Interaction *struct {
		Request string `json:"request"`
		Outcome string `json:"outcome"`
	} `json:"interaction"`
}

// measure runs n endpoints and prints a row.
func (b *bench) measure(ctx context.Context, n int, mode string, env []string) error {
	file, err := b.scenario(ctx, n, mode, env)
	if err != nil {
		return err
	}
	defer os.Remove(file)
	cmd := exec.CommandContext(ctx, b.tool, "run", file, "--json", "--quiet", "--no-diagnose", "--runs-dir", filepath.Join(b.dir, "runs"), "--history", "")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	begin := time.Now()
	failed := cmd.Run()
	took := time.Since(begin)
	var d document
	if err := json.Unmarshal(out.Bytes(), &d); err != nil {
		return fmt.Errorf("run %d endpoints: %w: %w\n%s", n, failed, err, errs.String())
	}
	fmt.Printf("| %d | %s | %s | %s | %s | %.0f | %d | %.2f |\n", n, mode, strings.Join(env, " "), d.Outcome, d.named(), took.Seconds(), d.requests(), d.largest())
	return nil
}

// scenario writes the file for n endpoints into the app's folder, where its command is.
func (b *bench) scenario(ctx context.Context, n int, mode string, env []string) (string, error) {
	text, err := exec.CommandContext(ctx, "node", filepath.Join(app, "scenario.js"), strconv.Itoa(n)).Output()
	if err != nil {
		return "", fmt.Errorf("write the scenario of %d endpoints: %w", n, err)
	}
	lines := string(text)
	if mode != "" {
		lines += "run: {mode: " + mode + "}\n"
	}
	for _, e := range env {
		name, value, _ := strings.Cut(e, "=")
		lines = strings.Replace(lines, "env: {", fmt.Sprintf("env: {%s: %q, ", name, value), 1)
	}
	file := filepath.Join(app, "bench-"+strconv.Itoa(n)+".yaml")
	return file, os.WriteFile(file, []byte(lines), 0o600)
}

// names are the endpoints' own.
func (b *bench) names(ctx context.Context, n int) ([]string, error) {
	out, err := exec.CommandContext(ctx, "node", "-e", fmt.Sprintf("for (const e of require('./%s/endpoints').endpoints(%d)) console.log(e.name)", app, n)).Output()
	return strings.Fields(string(out)), err
}

// named are the endpoints that leak, and those that are not decided where they are few.
func (d *document) named() string {
	var leak, open []string
	for _, e := range d.Endpoints {
		switch e.Outcome {
		case "leak":
			leak = append(leak, e.Name)
		case "inconclusive":
			open = append(open, e.Name)
		}
	}
	if d.Interaction != nil && d.Interaction.Outcome == "leak" {
		leak = append(leak, "together: "+d.Interaction.Request)
	}
	if len(open) > 0 {
		leak = append(leak, fmt.Sprintf("%d undecided", len(open)))
	}
	return strings.Join(leak, ", ")
}

func (d *document) requests() (n int) {
	for _, e := range d.Endpoints {
		n += e.Requests
	}
	return n
}

func (d *document) largest() float64 {
	var all []float64
	for _, e := range d.Endpoints {
		all = append(all, e.MinDetectable)
	}
	if len(all) == 0 {
		return 0
	}
	return slices.Max(all)
}
