// Command heap compares the analysis of heap snapshots by package heapsnap with
// that of memlab, of Chrome's DevTools and of @heap-snapshot/tool: parse,
// dominators, retained sizes, distances and classes. It makes the snapshots, and
// prints time, processor time and peak memory of each, and their ratios. Then it
// takes snapshots over the inspector, and prints what reading them adds to it.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"

	"github.com/leakcheck/leakcheck/harness/target/watchdog"
	"github.com/leakcheck/leakcheck/sampler/heapsnap"
)

func main() {
	watchdog.Main()
	sizes := flag.String("sizes", "20,100,400", "sizes of the snapshots, in MB")
	turns := flag.Int("turns", 1, "turns of each; the fastest counts")
	analyse := flag.String("analyse", "", "analyse one file and end; for the benchmark itself")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *analyse, *sizes, *turns)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench heap:", err)
		os.Exit(2)
	}
}

func run(ctx context.Context, analyse, sizes string, turns int) error {
	if analyse != "" {
		return analyseFile(analyse)
	}
	var mb []int
	for text := range strings.SplitSeq(sizes, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 10 {
			return fmt.Errorf("-sizes: %q is no size of 10 MB or more", text)
		}
		mb = append(mb, n)
	}
	b, err := newBench(ctx, turns)
	if err != nil {
		return err
	}
	defer b.close()
	for _, n := range mb {
		if err := b.compare(ctx, n); err != nil {
			return err
		}
		if err := b.stream(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

func analyseFile(path string) error {
	s, err := heapsnap.Open(path)
	if err != nil {
		return err
	}
	s.Analyze()
	fmt.Println(len(s.Classes()), "classes")
	return nil
}
