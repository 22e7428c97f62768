package chart

import (
	"regexp"
	"strconv"
	"testing"
)

// Two lines that end at nearly one place have labels that can be read.
func TestLabelsStandApart(t *testing.T) {
	line := func(label string, y float64) Line {
		return Line{Points: []Point{{X: 1, Y: 2}, {X: 2, Y: y}}, Label: label}
	}
	for _, ends := range [][2]float64{{3, 3}, {3, 2.9}, {0, 0}, {3, 0}} {
		c := Chart{Width: 300, Height: 120, Marks: []Mark{line("p99", ends[0]), line("p50", ends[1])}}
		var at []float64
		for _, m := range regexp.MustCompile(`<text[^>]* y="([-0-9.]+)"[^>]*>p\d\d<`).FindAllStringSubmatch(string(c.SVG()), -1) {
			y, err := strconv.ParseFloat(m[1], 64)
			if err != nil {
				t.Fatal(err)
			}
			at = append(at, y)
		}
		if len(at) != 2 || at[0]-at[1] < 11 && at[1]-at[0] < 11 || max(at[0], at[1]) > 120 || min(at[0], at[1]) < 0 {
			t.Errorf("ends %v: labels at %v", ends, at)
		}
	}
}
