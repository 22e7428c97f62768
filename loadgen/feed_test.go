package loadgen

import (
	"errors"
	"net/http"
	"strconv"
	"sync"
	"testing"

	"github.com/leakcheck/leakcheck/loadgen/rows"
)

// Rows are handed out as their order says, the same to all steps of a flow.
func TestData(t *testing.T) {
	table := &rows.Table{Columns: []string{"name", "id"}}
	for i := range 40 {
		table.Rows = append(table.Rows, []string{"n", strconv.Itoa(i)})
	}
	tests := []struct {
		name                string
		order               Order
		flow                bool
		ask, sent, distinct int
		most                int // uses of one row; 0: any
	}{
		{"sequential", Sequential, false, 80, 80, 40, 2},
		{"unique", Unique, false, 80, 40, 40, 1},
		{"random", Random, false, 80, 80, 0, 0},
		{"flow", Sequential, true, 40, 80, 40, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var mu sync.Mutex
			seen := map[string]int{}
			srv := serve(t, func(_ http.ResponseWriter, r *http.Request) {
				mu.Lock()
				defer mu.Unlock()
				seen[r.URL.Path]++
			})
			r := Request{Name: "x", Path: `/{{data "id"}}`, Data: table, DataOrder: tt.order}
			if tt.flow {
				r.Steps = []Step{{Name: "a", Path: r.Path}, {Name: "b", Path: r.Path}}
			}
			l, e := prepared(t, srv.URL, r)
			if _, err := l.Block(t.Context(), e, tt.ask); err != nil {
				t.Fatal(err)
			}
			srv.waitClosed()
			if got := int(srv.hits.Load()); got != tt.sent || tt.distinct > 0 && len(seen) != tt.distinct {
				t.Errorf("sent %d of %d rows, want %d of %d", got, len(seen), tt.sent, tt.distinct)
			}
			for path, n := range seen {
				if tt.most > 0 && n != tt.most {
					t.Errorf("%s was sent %d times, want %d", path, n, tt.most)
				}
			}
			_, err := l.Block(t.Context(), e, 1)
			if used := errors.As(err, new(*UsedUpError)); used != (tt.order == Unique) {
				t.Errorf("another block: %v", err)
			}
		})
	}
}
