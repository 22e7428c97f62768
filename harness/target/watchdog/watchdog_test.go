package watchdog

import (
	"strings"
	"testing"

	"github.com/leakcheck/leakcheck/harness/target/proctree"
)

// This binary's TestMain is Go's own: run again, it would run the tests.
func TestStartWithoutMain(t *testing.T) {
	dog, err := Start("A=b")
	if dog != nil || err != nil {
		t.Fatalf("Start: got %v, %v, want neither", dog, err)
	}
	if err := dog.Root(1); err != nil {
		t.Errorf("Root of no watchdog: %v", err)
	}
	dog.Release()
}

func TestFollow(t *testing.T) {
	for pipe, want := range map[string]int{"": 0, "42\n": 42, "42": 42, "x\n": 0} {
		if got := follow(strings.NewReader(pipe), proctree.Tree{Marker: "A=b"}); got != (proctree.Tree{Root: want, Marker: "A=b"}) {
			t.Errorf("follow %q: got %+v, want root %d", pipe, got, want)
		}
	}
}
