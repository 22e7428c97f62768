package sampler

import (
	"testing"
)

// What was taken out again by the end of the block has not made a container grow,
// however often it was put there; and no key is kept for that.
func TestWatchOfWhatStays(t *testing.T) {
	a := startApp(t)
	s := a.open()
	ctx := testContext(t)
	w, err := s.Watch(ctx)
	if err != nil {
		t.Fatal(err)
	}
	a.get("/context", 5)
	if err := w.Mark(ctx); err != nil {
		t.Fatal(err)
	}
	a.get("/context", 50)
	seen, err := w.End(ctx)
	if err != nil {
		t.Fatal(err)
	}
	grown := make(map[string]float64) // by the container and the function that puts
	for _, store := range seen.Stores {
		if len(store.Stack) > 0 {
			grown[store.Kind+" "+store.Stack[0].Function] += store.Grown
		}
	}
	for of, want := range map[string]float64{"map stay": 50, "map pass": 0, "set stay": 100, "set pass": 0} {
		if grown[of] != want {
			t.Errorf("%s: got %v entries of 50 requests, want %v", of, grown[of], want)
		}
	}
	mustSample(t, s)
	left, err := evaluate[int](ctx, s.client, answerTime, `passed.filter((key) => key.deref()).length`)
	if err != nil || left != 0 {
		t.Errorf("%d keys are still held, %v; want none", left, err)
	}
}
