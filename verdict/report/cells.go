package report

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/verdict"
)

const (
	noGrowth = "~" // the interval contains zero: no growth shown
	unknown  = "?" // could not be estimated
	none     = "-" // does not apply
)

// perRequest prints an estimate with its interval: "16.2" and
// "[12.1, 19.8] B". All three numbers share one unit, which follows the
// interval. The zero estimate is one that could not be made.
func perRequest(e verdict.Estimate) (value, interval string) {
	if !isFinite(float64(e.Value), float64(e.Low), float64(e.High)) || e == (verdict.Estimate{}) {
		return unknown, ""
	}
	div, name := byteScale(max(math.Abs(float64(e.Low)), math.Abs(float64(e.High))))
	print := func(v unit.BytesPerRequest) string { return decimal(float64(v)/div, 1) }
	interval = fmt.Sprintf("[%s, %s] %s", print(e.Low), print(e.High), name)
	if e.Low <= 0 {
		return noGrowth, interval
	}
	return print(e.Value), interval
}

// numbers are an endpoint's row of them. What was left unmeasured because it
// is not judged has none.
func numbers(e *verdict.Endpoint) (value, interval, perHour, detectable string) {
	if unmeasured(e) {
		return none, "", none, none
	}
	if e.ByResizes > 0 {
		return decimal(float64(e.ByResizes), 1), "B by resizes", megabytes(e.ByResizes.AtRate(e.Rate)), limit(e.MinDetectable)
	}
	value, interval = perRequest(e.Retained)
	return value, interval, hourly(e.PerHour), limit(e.MinDetectable)
}

func unmeasured(e *verdict.Endpoint) bool { return e.Outcome == verdict.NotJudged && e.Fitted == 0 }

// growth prints the part of an estimate that a sentence needs: "16.2
// B/request", or "~".
func growth(e verdict.Estimate) string {
	switch {
	case !isFinite(float64(e.Value), float64(e.Low)):
		return unknown
	case e.Low <= 0:
		return noGrowth
	}
	return e.Value.String()
}

// hourly prints MB/h for a column, or "~" when no growth is shown.
func hourly(e verdict.HourlyEstimate) string {
	switch {
	case !isFinite(float64(e.Value), float64(e.Low)) || e == (verdict.HourlyEstimate{}):
		return unknown
	case e.Low <= 0:
		return noGrowth
	}
	return megabytes(e.Value)
}

// limit prints a detection limit; 0 is one that is not known.
func limit(v unit.MBPerHour) string {
	if v == 0 {
		return unknown
	}
	return megabytes(v)
}

// megabytes prints MB/h without its unit, which the column's head names.
func megabytes(v unit.MBPerHour) string {
	if !isFinite(float64(v)) {
		return unknown
	}
	return decimal(float64(v), 2)
}

// decimal prints v with as many digits after the point as its size deserves,
// at most places, and more only where all would be zero.
func decimal(v float64, places int) string {
	abs := math.Abs(v)
	switch {
	case abs >= 100:
		places = 0
	case abs >= 10:
		places = min(places, 1)
	case abs != 0 && abs < 0.5*math.Pow10(-places):
		return strconv.FormatFloat(v, 'g', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', places, 64)
}

// byteScale is the unit in which abs bytes are printed.
func byteScale(abs float64) (div float64, name string) {
	switch {
	case abs >= 1e6:
		return 1e6, "MB"
	case abs >= 1e4:
		return 1e3, "kB"
	}
	return 1, "B"
}

func isFinite(all ...float64) bool {
	for _, v := range all {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}

// span prints a duration to two units: "48 s", "3 h 20 min", "12 days".
func span(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d < 10*time.Second:
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
	case d < 2*time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%.0f min", d.Minutes())
	case d < 2*day:
		d = d.Round(time.Minute)
		return fmt.Sprintf("%d h %d min", d/time.Hour, d%time.Hour/time.Minute)
	}
	return unit.Count(int(d/day)) + " days"
}

// Estimate prints an estimate with its interval on one line: "16.2 [12.1,
// 19.8] B/request", or "~ [-0.4, 0.6] B/request" when no growth is shown.
func Estimate(e verdict.Estimate) string {
	value, interval := perRequest(e)
	if interval == "" {
		return value
	}
	return value + " " + interval + "/request"
}
