package harness

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
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
