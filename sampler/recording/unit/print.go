package unit

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// String prints "1.2 MB", in steps of 1,000.
func (b Bytes) String() string { return scaled(float64(b), "") }

// String prints "16.2 B/request".
func (b BytesPerRequest) String() string { return scaled(float64(b), "/request") }

// Amount prints what one request leaves: "12.3 B".
func (b BytesPerRequest) Amount() string { return scaled(float64(b), "") }

// String prints "230 B/s".
func (b BytesPerSecond) String() string { return scaled(float64(b), "/s") }

// String prints "0.58 MB/h": always in MB, so that a column of them compares
// at a glance.
func (m MBPerHour) String() string { return number(float64(m)) + " MB/h" }

// String prints "20/s".
func (p PerSecond) String() string { return number(float64(p)) + "/s" }

// scaled prints bytes in the largest decimal unit that leaves a number of 1 or
// more.
func scaled(v float64, per string) string {
	names := [...]string{"B", "kB", "MB", "GB", "TB"}
	i := 0
	for i < len(names)-1 && math.Abs(round(v)) >= 1000 && !math.IsInf(v, 0) {
		v /= 1000
		i++
	}
	return number(v) + " " + names[i] + per
}

// number prints v with as many digits as a measurement of memory supports:
// three from 1 on (but no digit before the point is dropped), two below.
func number(v float64) string {
	if math.IsNaN(v) {
		return "?"
	}
	return strconv.FormatFloat(round(v), 'f', -1, 64)
}

// round keeps the digits that number prints. Negative zero becomes zero.
func round(v float64) float64 {
	abs := math.Abs(v)
	if abs < smallest {
		return 0
	}
	if abs >= 100 {
		return math.Round(v)
	}
	digits := 3
	if abs < 1 {
		digits = 2
	}
	r, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', digits, 64), 64)
	if err != nil { // FormatFloat's own output, NaN and Inf included, is read back
		return v
	}
	return r
}

// smallest is the size below which a number is printed as 0.
const smallest = 1e-6

// Count prints a number of things with commas: "96,120".
func Count(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Plural counts things: "1 request", "96,120 requests".
func Plural(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return Count(n) + " " + noun
}

// mostListed is how many of many names List names.
const mostListed = 6

// List prints names as a sentence does: "a, b and c". Of many it prints some, and how
// many others there are.
func List(names []string) string {
	if len(names) > mostListed+2 {
		names = append(slices.Clone(names[:mostListed]), Plural(len(names)-mostListed, "other"))
	}
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
