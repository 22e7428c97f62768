package examine

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/leakcheck/leakcheck/sampler/evidence"
	"github.com/leakcheck/leakcheck/sampler/heapsnap"
	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// Keep says what becomes of the snapshots that a diagnosis takes.
type Keep string

// What may become of snapshots. Those that are kept are readable by their owner
// only. Raw ones hold the users' data that the target had in memory.
const (
	KeepNone     Keep = "none"
	KeepRedacted Keep = "redacted"
	KeepRaw      Keep = "raw"
)

const (
	// snapshotCost is the memory that a snapshot takes in the target, over its
	// heap: 12 to 13 were measured.
	snapshotCost = 13
	// snapshotSpeed is how much heap V8 writes in a second when it is slow.
	snapshotSpeed = 15 << 20
	// snapshots is how many are compared, leastCompared how many where there is no
	// time for more, and growthTime how long the blocks between them are.
	snapshots     = 3
	leastCompared = 2
	growthTime    = time.Second
	// growthBetween is how much the heap may grow between two snapshots: it makes
	// the next one slower, and tells nothing more.
	growthBetween = 8 << 20
)

// snapshotFile is the name of one that is kept: whose it is, and its number from 1.
const snapshotFile = "heap-%s-%d.heapsnapshot.gz"

// errNotWanted, errNoHeadroom and errNoTime say why there is no snapshot.
var (
	errNotWanted  = errors.New("left out, as the scenario says")
	errNoHeadroom = errors.New("skipped")
	errNoTime     = errors.New("skipped, as it would take too long")
)

// growth compares snapshots with blocks of an exact number of requests between
// them: what grows in proportion to the requests is told class by class.
func (x *examination) growth(ctx context.Context) error {
	if x.options.NoSnapshots {
		return errNotWanted
	}
	isolate := x.leakingIsolate()
	if err := x.roomForSnapshot(ctx, isolate); err != nil {
		return err
	}
	x.disturbed = true
	c, err := x.compare(ctx, isolate)
	if err != nil || len(c.all) < x.compared {
		err = errors.Join(err, x.dropSnapshots()) // one alone tells nothing
	}
	if err != nil {
		return err
	}
	x.found.Growth = &evidence.Growth{Load: c.load, Blocks: len(c.all) - 1}
	x.classes(heapsnap.Compare(c.all...), c.last, c.units, isolate, c.all[0].Has)
	x.paths(c.last, isolate)
	return nil
}

// comparison is of snapshots, with a block before each but the first.
type comparison struct {
	all   []*heapsnap.Census
	last  *heapsnap.Snapshot
	load  evidence.Load // of all blocks
	units []int         // before each snapshot, in thousandths
}

// compare takes as many snapshots as there is time for, and makes do with fewer
// where the time was judged wrongly.
func (x *examination) compare(ctx context.Context, isolate string) (*comparison, error) {
	early, cancel := beforeEnd(ctx)
	defer cancel()
	c := new(comparison)
	begin := time.Now()
	if err := x.take(early, c, isolate, 1); err != nil {
		return nil, cause(early, err)
	}
	x.compared = snapshots
	if !timeFor(early, snapshots-1, time.Since(begin)) {
		x.compared = leastCompared
	}
	for _, other := range x.all { // what a watcher holds would be seen to be held by it
		if other == x || other.leakingIsolate() == isolate {
			if err := other.identify(ctx, isolate); err != nil {
				return nil, err
			}
		}
	}
	for n := 2; n <= x.compared; n++ {
		err := x.take(early, c, isolate, n)
		if err != nil && n <= leastCompared {
			return nil, cause(early, err)
		}
		if err != nil {
			x.note("heap snapshot %d: %v", n, cause(early, err))
			break
		}
	}
	return c, nil
}

// take adds a block, but before the first, and a snapshot to the comparison.
func (x *examination) take(ctx context.Context, c *comparison, isolate string, n int) error {
	load := c.load
	if n > 1 {
		l, err := x.load(ctx, growthTime, x.between())
		if err != nil {
			return err
		}
		load.Requests += l.Requests
		load.Elapsed += l.Elapsed
	}
	s, err := x.snapshot(ctx, isolate, n)
	if err != nil {
		return err
	}
	c.all, c.last, c.load = append(c.all, s.Census()), s, load
	c.units = append(c.units, thousandths(load))
	return nil
}

// between is how many requests a block between two snapshots has at most.
func (x *examination) between() int {
	i, one := x.subject.Endpoint()
	if !one || x.Growth(i) < 1 {
		return maxWatched
	}
	return min(maxWatched, max(leastTold, int(growthBetween/x.Growth(i))))
}

// identify asks for the numbers of the containers that were seen to grow, and
// lets go of them.
func (x *examination) identify(ctx context.Context, isolate string) error {
	if x.watcher == nil {
		return nil
	}
	identified := 0
	for i := range x.found.Watch.Stores {
		s := &x.found.Watch.Stores[i]
		if s.Isolate != isolate || identified == maxIdentified {
			continue
		}
		identified++
		id, err := x.watcher.ContainerID(ctx, x.containers[storeKey(s.Isolate, s.Kind, s.Stack)])
		if err == nil {
			s.HeapID = id // else its path is not told
		}
	}
	w := x.watcher
	x.watcher = nil
	return w.Forget(ctx)
}

// thousandths counts units finely enough for seconds.
func thousandths(l evidence.Load) int { return int(1000 * l.Units()) }

// leakingIsolate is the one in which most survives.
func (x *examination) leakingIsolate() string {
	bytes := make(map[string]float64)
	most := ""
	for _, s := range x.found.Profile.Sites {
		bytes[s.Isolate] += s.Bytes
		if bytes[s.Isolate] > bytes[most] {
			most = s.Isolate
		}
	}
	return most
}

// roomForSnapshot fails when a snapshot could kill the target, or would not be
// ready in time.
func (x *examination) roomForSnapshot(ctx context.Context, isolate string) error {
	heap := x.Sampler().HeapUsed(isolate)
	room, err := x.Sampler().Headroom(ctx)
	if err != nil {
		return err
	}
	if left, limited := x.before.ContainerRoom(); limited {
		room = min(room, left)
	}
	if err := enoughFor(heap, room); err != nil {
		return err
	}
	each := time.Duration(float64(heap) / snapshotSpeed * float64(time.Second))
	if !timeFor(ctx, leastCompared, each) {
		return errNoTime
	}
	return nil
}

// timeFor reports whether there is time for n snapshots, and a block before each.
func timeFor(ctx context.Context, n int, each time.Duration) bool {
	end, ok := ctx.Deadline()
	return !ok || time.Until(end) >= time.Duration(n)*(each+2*growthTime)
}

// enoughFor fails when a snapshot of heap bytes takes more than there is room.
func enoughFor(heap, room unit.Bytes) error {
	if need := snapshotCost * heap; room < need {
		return fmt.Errorf("%w: a snapshot of a heap of %s takes about %s, and %s are left", errNoHeadroom, heap, need, room)
	}
	return nil
}

// snapshot takes the nth snapshot and reads it as it comes. The first and the
// last are kept as the plan says.
func (x *examination) snapshot(ctx context.Context, isolate string, n int) (*heapsnap.Snapshot, error) {
	r, w := io.Pipe()
	taken := make(chan struct{})
	go func() {
		defer close(taken)
		w.CloseWithError(x.Sampler().Snapshot(ctx, isolate, w)) // nil ends the stream
	}()
	s, err := x.readSnapshot(r, n)
	r.CloseWithError(err) // what still comes is not read
	<-taken
	return s, err
}

func (x *examination) readSnapshot(r io.Reader, n int) (*heapsnap.Snapshot, error) {
	path := filepath.Join(x.options.Dir, fmt.Sprintf(snapshotFile, x.slug(), n))
	kept := x.options.Keep
	if n != 1 && n != x.compared {
		kept = KeepNone
	}
	switch kept {
	case KeepRedacted:
		return heapsnap.SaveRedacted(path, r)
	case KeepRaw:
		return saveRaw(path, r)
	}
	return heapsnap.Read(r)
}

// unfit are the characters of an endpoint's name that a file's is without.
var unfit = regexp.MustCompile(`[^A-Za-z0-9_.]+`)

// slug names what is accused in a file's name: an endpoint by its place, from 1,
// as names may differ in unfit characters only.
func (x *examination) slug() string {
	if i, one := x.subject.Endpoint(); one {
		name := x.Recording().Header.Endpoints[i].Name
		return strings.TrimSuffix(fmt.Sprintf("%d-%s", i+1, strings.Trim(unfit.ReplaceAllString(name, "-"), "-")), "-")
	}
	if x.subject == recording.Mixed {
		return "interaction"
	}
	return "background"
}

func saveRaw(path string, r io.Reader) (*heapsnap.Snapshot, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("save snapshot: %w", err)
	}
	packed := gzip.NewWriter(f)
	s, err := heapsnap.Read(io.TeeReader(r, packed))
	return s, errors.Join(err, packed.Close(), f.Close())
}

// dropSnapshots removes those that were kept of what is examined.
func (x *examination) dropSnapshots() error {
	var errs []error
	for n := 1; n <= snapshots; n++ {
		err := os.Remove(filepath.Join(x.options.Dir, fmt.Sprintf(snapshotFile, x.slug(), n)))
		if !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
