// Command container compares how long a container takes from nothing to the
// first request of the first block of load under leakcheck, with how long
// docker run of the same image takes to its first answer. Both in turns; it
// prints the medians and the quartiles of the differences, and fails above 5 s.
// Without a container engine it says so and measures nothing.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/leakcheck/leakcheck/tools/testenv"
)

// most is what leakcheck may take longer.
const most = 5 * time.Second

// fewest is how many turns a median needs.
const fewest = 7

func main() {
	turns := flag.Int("turns", 9, "turns of each, at least 7")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, *turns)
	stop()
	os.Exit(code)
}

func run(ctx context.Context, turns int) (code int) {
	if turns < fewest {
		fmt.Fprintf(os.Stderr, "bench container: -turns %d: want %d or more\n", turns, fewest)
		return 2
	}
	b, err := newBench(ctx)
	if errors.Is(err, testenv.ErrNoEngine) {
		fmt.Println("container start: not measured,", err)
		return 0
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench container:", err)
		return 2
	}
	result, err := b.compare(ctx, turns)
	if err = errors.Join(err, b.close()); err != nil {
		fmt.Fprintln(os.Stderr, "bench container:", err)
		return 2
	}
	fmt.Println(result)
	if result.more.Median > most.Seconds() {
		fmt.Fprintf(os.Stderr, "bench container: leakcheck takes more than %s longer\n", most)
		return 1
	}
	return 0
}
