// Accuracy runs the catalog's scenarios, and published npm packages that leaked,
// live and prints what leakcheck found beside what is there: found leaks, false
// alarms, misses, wrong endpoints.
//
//	go run ./tools/accuracy -nodes 20,24 -seeds 1,2 -out results.jsonl
//
// A campaign can be interrupted and resumed (runs that -out holds are not done
// again), split over machines (-shard 1/4), and printed again (-table). It
// exits with 1 when any run was not right. -simulate 1000 judges simulated runs
// instead, -recorded testdata/series recorded ones; both show beside ours the
// rules that others use. With -container each case runs as a process and in a
// container, and both stand beside each other; so do separate and mixed blocks with
// -mixed. Of runs that -keep kept, -series makes small files for tests:
//
//	go run ./tools/accuracy -keep DIR -series tools/accuracy/testdata/series
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	allRight, err := run(ctx, os.Args[1:])
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "accuracy:", err)
		os.Exit(2)
	case !allRight:
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) (allRight bool, err error) {
	o, err := parseOptions(args)
	if err != nil {
		return false, err
	}
	if o.simulated > 0 {
		var b strings.Builder
		if err := writeSimulated(ctx, &b, o); err != nil {
			return false, err
		}
		_, err := fmt.Print(b.String())
		return true, err
	}
	if o.recorded != "" {
		var b strings.Builder
		if allRight, err = writeRecorded(&b, o.recorded); err != nil {
			return false, err
		}
		_, err := fmt.Print(b.String())
		return allRight, err
	}
	if o.series != "" {
		kept, err := keepSeries(o.keep, o.series, planJobs(o.set(), o))
		fmt.Fprintf(os.Stderr, "%d series kept in %s\n", kept, o.series)
		return true, err
	}
	store, err := openStore(o.out)
	if err != nil {
		return false, err
	}
	if !o.tableOnly {
		jobs := o.shard.of(planJobs(o.set(), o))
		if err := campaign(ctx, o, jobs, store); err != nil {
			return false, err
		}
	}
	results := store.results()
	if len(results) == 0 {
		return false, errors.New("no result to print")
	}
	if o.container || o.mixed {
		t := containers
		if o.mixed {
			t = modes
		}
		pairs := t.pairUp(results)
		return allAlike(pairs), t.write(os.Stdout, pairs)
	}
	return allOf(results), writeReport(os.Stdout, results)
}

// allOf reports whether every run was right.
func allOf(results []Result) bool {
	for _, r := range results {
		if r.Grade != Right {
			return false
		}
	}
	return true
}
