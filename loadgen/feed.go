package loadgen

import (
	"fmt"
	"math/rand/v2"
	"sync/atomic"

	"github.com/leakcheck/leakcheck/loadgen/rows"
)

// Order is how rows of test data are handed out.
type Order string

// The orders.
const (
	Sequential Order = "sequential" // in turn, from the top again at the end; also ""
	Random     Order = "random"     // any, by the seed
	Unique     Order = "unique"     // each once in the whole run
)

// UsedUpError says that no row is left of data whose order is Unique.
type UsedUpError struct{ Rows int }

func (e *UsedUpError) Error() string {
	return fmt.Sprintf("all %d rows of its data are used up", e.Rows)
}

// feed hands out the rows of one endpoint's data. A nil one has none.
type feed struct {
	table *rows.Table
	order Order
	next  atomic.Int64
}

func newFeed(table *rows.Table, order Order) *feed {
	if table == nil {
		return nil
	}
	return &feed{table: table, order: order}
}

// left is how many of n units can be had.
func (f *feed) left(n int) (int, error) {
	if f == nil || f.order != Unique {
		return n, nil
	}
	left := len(f.table.Rows) - int(f.next.Load())
	if left <= 0 {
		return 0, &UsedUpError{len(f.table.Rows)}
	}
	return min(n, left), nil
}

func (f *feed) row(r *rand.Rand) []string {
	switch {
	case f == nil:
		return nil
	case f.order == Random:
		return f.table.Rows[r.IntN(len(f.table.Rows))]
	}
	return f.table.Rows[(f.next.Add(1)-1)%int64(len(f.table.Rows))]
}
