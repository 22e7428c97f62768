package examine

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording"
)

// A snapshot of 3 s with a block takes 5 s: two have time in 12 s less the last 2,
// and three do not.
func TestTimeForSnapshots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeoutCause(t.Context(), 12*time.Second, errDiagnosisTime)
		defer cancel()
		early, cancel := beforeEnd(ctx)
		defer cancel()
		if !timeFor(early, leastCompared, 3*time.Second) || timeFor(early, snapshots, 3*time.Second) {
			t.Error("want time for two snapshots, and not for three")
		}
		time.Sleep(12*time.Second - lastWords)
		synctest.Wait()
		if !errors.Is(context.Cause(early), errDiagnosisTime) || ctx.Err() != nil {
			t.Errorf("ends: got %v and %v, want time left to tell what was seen", context.Cause(early), ctx.Err())
		}
		if !timeFor(t.Context(), snapshots, time.Hour) {
			t.Error("without an end there is time for all")
		}
	})
}

func TestSlug(t *testing.T) {
	r := recorded{rec: &recording.Recording{Header: recording.Header{Endpoints: []recording.Endpoint{{Name: "GET /users/{id}"}, {Name: "x"}, {Name: "/"}}}}}
	for want, s := range map[string]recording.Subject{"1-GET-users-id": 0, "3": 2, "interaction": recording.Mixed, "background": recording.Idle} {
		x := &examination{examiner: &examiner{Run: r}, subject: s}
		if got := x.slug(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
