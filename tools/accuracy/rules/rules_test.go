package rules

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// of makes a series of readings 1,000 requests and 10 s apart, in bytes.
func of(heaps ...float64) Series {
	var s Series
	for i, h := range heaps {
		s = append(s, Point{Requests: 1000 * float64(i), At: time.Duration(i) * 10 * time.Second, Heap: h})
	}
	return s
}

func TestRules(t *testing.T) {
	const base = 10e6
	tests := []struct {
		name   string
		series Series
		want   []string // the rules that call it a leak
	}{
		{"empty", nil, nil},
		{"one reading", of(base), nil},
		{"flat", of(base, base, base), []string{"undici"}}, // no dip in it
		{"noise", of(base, base+9e3, base-4e3, base+5e3, base, base-2e3), nil},
		// Seven readings that rise by 11 B a request: score 21 of 21, sd 6.66, p = 0.0013.
		{
			"11 B/request", of(base, base+11e3, base+22e3, base+33e3, base+44e3, base+55e3, base+66e3),
			[]string{"prisma", "undici", "leakage", "Mann-Kendall"},
		},
		{
			"9 B/request", of(base, base+9e3, base+18e3, base+27e3, base+36e3, base+45e3, base+54e3),
			[]string{"undici", "leakage", "Mann-Kendall"},
		},
		{"300 B/request, four rises", of(base, base+300e3, base+600e3, base+900e3, base+1200e3), []string{"prisma", "gemini-cli", "undici", "next-leak"}},
		{"one step over 10 %", of(base, base, base+1.1e6, base+1.1e6-1), []string{"prisma", "gemini-cli"}},
		{"2 MB in 10 s", of(base, base+2e6), []string{"prisma", "gemini-cli", "undici", "next-leak", "5 MB/30 s"}},
	}
	for _, tt := range tests {
		var got []string
		for _, r := range All() {
			if r.Leaks(tt.series) {
				got = append(got, r.Name)
			}
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}
