// Command bench compares the closed loop of package loadgen with wrk: the same
// node server, the same number of connections, kept alive by both, in turns.
// It prints the medians and their ratio, and fails below 0.8.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"
)

// enough is the share of wrk's throughput that the load generator must reach:
// it shares the machine with the target, and what it takes the target lacks.
const enough = 0.8

func main() {
	pairs := flag.Int("pairs", 5, "turns of each")
	turn := flag.Duration("turn", 2*time.Second, "length of a turn, in whole seconds")
	connections := flag.Int("connections", 10, "connections of each")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	result, err := measure(ctx, *pairs, *turn, *connections)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	}
	fmt.Println(result)
	if result.ratio.Median < enough {
		fmt.Fprintf(os.Stderr, "bench: the ratio is below %.1f\n", enough)
		os.Exit(1)
	}
}
