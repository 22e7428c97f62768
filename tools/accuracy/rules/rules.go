// Package rules holds the decision rules that others use to call a series of
// heap sizes a leak, so that they can be applied to the same series as ours.
// Each is stated as its source does; what a source leaves open is said.
package rules

import (
	"math"
	"time"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Point is one settled reading of the heap.
type Point struct {
	Requests float64 // so far
	At       time.Duration
	Heap     float64 // bytes
}

// Series is a baseline, and then a reading after each block of load.
type Series []Point

// Rule says whether a series leaks. It knows pass and leak and nothing between.
type Rule struct {
	Name, Says, Source string
	Leaks              func(Series) bool
}

// All are the rules, in the order of the tables.
func All() []Rule {
	return []Rule{
		{"prisma", "least-squares slope over 10 B/iteration", "prisma/prisma, memory tests", slope},
		{"gemini-cli", "final heap over 1.10 of the baseline", "google-gemini/gemini-cli, memory regression tests", overBaseline},
		{"undici", "no dip in the series", "nodejs/undici, memory-leak test", neverDips},
		{"leakage", "five consecutive rises", "npm leakage, after memwatch's leak event", fiveRises},
		{"next-leak", "every delta over max(256 KiB, 51.2 KiB per 1,000 requests)", "npm next-leak 0.5.1", everyDelta},
		{"Mann-Kendall", "upward trend at 1 %", "software-aging literature; Mann, Econometrica 13, 1945", mannKendall},
		{"5 MB/30 s", "growth over 5 MB per sample of 30 s", "a common recipe", perSample},
	}
}

func slope(s Series) bool {
	const most = 10 // bytes per iteration, which is a request here
	if len(s) < 2 {
		return false
	}
	x, y := make([]float64, len(s)), make([]float64, len(s))
	for i, p := range s {
		x[i], y[i] = p.Requests, p.Heap
	}
	_, b := stat.LinearRegression(x, y, nil, false)
	return b > most
}

func overBaseline(s Series) bool {
	const most = 1.10
	return len(s) > 1 && s[len(s)-1].Heap > most*s[0].Heap
}

func neverDips(s Series) bool {
	for i := 1; i < len(s); i++ {
		if s[i].Heap < s[i-1].Heap {
			return false
		}
	}
	return len(s) > 1
}

func fiveRises(s Series) bool {
	const enough = 5
	rises := 0
	for i := 1; i < len(s); i++ {
		if rises++; s[i].Heap <= s[i-1].Heap {
			rises = 0
		}
		if rises == enough {
			return true
		}
	}
	return false
}

func everyDelta(s Series) bool {
	const floor, perThousand = 256 << 10, 51.2 * (1 << 10)
	for i := 1; i < len(s); i++ {
		allowed := max(floor, perThousand*(s[i].Requests-s[i-1].Requests)/1000)
		if s[i].Heap-s[i-1].Heap <= allowed {
			return false
		}
	}
	return len(s) > 1
}

// mannKendall is one-sided, with the normal approximation and its correction
// for continuity. Ties in a heap's size are too rare to correct for.
func mannKendall(s Series) bool {
	const level = 0.01
	score := 0.0
	for i := range s {
		for j := i + 1; j < len(s); j++ {
			score += float64(sign(s[j].Heap - s[i].Heap))
		}
	}
	n := float64(len(s))
	sd := math.Sqrt(n * (n - 1) * (2*n + 5) / 18)
	return score > 1 && distuv.UnitNormal.Survival((score-1)/sd) < level
}

func sign(x float64) int {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}

// perSample takes the mean growth of the whole series over 30 seconds, as runs
// of this length hold few such samples.
func perSample(s Series) bool {
	const most, every = 5e6, 30 * time.Second
	if len(s) < 2 {
		return false
	}
	first, last := s[0], s[len(s)-1]
	took := last.At - first.At
	return took > 0 && (last.Heap-first.Heap)*float64(every)/float64(took) > most
}
