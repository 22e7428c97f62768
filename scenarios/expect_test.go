package scenarios

import "testing"

func TestExpect(t *testing.T) {
	tests := []struct {
		expect Expect
		text   string
		yes    []int
		no     []int
	}{
		{nil, "2xx, 3xx", []int{200, 204, 302, 399}, []int{0, 199, 400, 500}},
		{Expect{{404, 404}}, "404", []int{404}, []int{200, 403, 405}},
		{Expect{{200, 200}, {400, 499}}, "200, 4xx", []int{200, 400, 499}, []int{201, 399, 500}},
	}
	for _, tt := range tests {
		if got := tt.expect.String(); got != tt.text {
			t.Errorf("got %q, want %q", got, tt.text)
		}
		for _, status := range tt.yes {
			if !tt.expect.Match(status) {
				t.Errorf("%s: %d does not match", tt.text, status)
			}
		}
		for _, status := range tt.no {
			if tt.expect.Match(status) {
				t.Errorf("%s: %d matches", tt.text, status)
			}
		}
	}
}

func TestEdits(t *testing.T) {
	tests := []struct {
		a, b string
		want int
	}{
		{"", "abc", 3},
		{"budget", "budget", 0},
		{"bugdet", "budget", 1}, // neighbours swapped
		{"nme", "name", 1},
		{"names", "name", 1},
		{"kitten", "sitting", 3},
	}
	for _, tt := range tests {
		if got := edits(tt.a, tt.b); got != tt.want {
			t.Errorf("%q to %q: got %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}
