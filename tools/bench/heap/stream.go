package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/google/uuid"

	"github.com/leakcheck/leakcheck/harness/target"
	"github.com/leakcheck/leakcheck/sampler"
	"github.com/leakcheck/leakcheck/sampler/heapsnap"
)

// streamTurns is how often a snapshot is taken each way; the fastest counts.
const streamTurns = 3

// stream takes snapshots of a live process over the inspector, and prints how much
// longer it takes when they are read meanwhile than when they are thrown away.
func (b *bench) stream(ctx context.Context, mb int) (err error) {
	command, err := b.command("", mb)
	if err != nil {
		return err
	}
	p, err := target.Start(ctx, target.Options{Command: command, RunID: uuid.NewString(), Ready: target.Ready{Timeout: time.Minute}})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Stop(context.WithoutCancel(ctx))) }()
	s, err := sampler.Open(ctx, p.Inspector(), sampler.Options{PID: p.PID(), Root: p.Root(), Port: p.Port()})
	if err != nil {
		return err
	}
	defer s.Close() //nolint:contextcheck // bounded by itself; the target is stopped next
	alone, read := time.Duration(math.MaxInt64), time.Duration(math.MaxInt64)
	for range streamTurns {
		begin := time.Now()
		if err := s.Snapshot(ctx, "", io.Discard); err != nil {
			return err
		}
		alone, begin = min(alone, time.Since(begin)), time.Now()
		if err := readSnapshot(ctx, s); err != nil {
			return err
		}
		read = min(read, time.Since(begin))
	}
	fmt.Printf("  over the inspector   %7.2f s thrown away, %.2f s read: %+.1f %%\n", alone.Seconds(), read.Seconds(), 100*(float64(read)/float64(alone)-1))
	return nil
}

// readSnapshot reads a snapshot as it comes.
func readSnapshot(ctx context.Context, s *sampler.Sampler) error {
	r, w := io.Pipe()
	go func() { w.CloseWithError(s.Snapshot(ctx, "", w)) }()
	_, err := heapsnap.Read(r)
	r.CloseWithError(err) // ends the stream where it was not read to its end
	return err
}
