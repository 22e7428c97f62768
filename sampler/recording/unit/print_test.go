package unit

import (
	"strings"
	"testing"
)

func TestList(t *testing.T) {
	letters := strings.Split("abcdefghijkl", "")
	for n, want := range map[int]string{
		0: "", 1: "a", 2: "a and b", 3: "a, b and c", 8: "a, b, c, d, e, f, g and h", 9: "a, b, c, d, e, f and 3 others",
	} {
		if got := List(letters[:n]); got != want {
			t.Errorf("%d names: got %q, want %q", n, got, want)
		}
	}
	if letters[6] != "g" {
		t.Error("the caller's names were changed")
	}
}
