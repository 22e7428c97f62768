package unit

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Error is text that is not the quantity asked for.
type Error struct {
	Text    string // as given
	Problem string // what is wrong with it: "has no unit"
	Want    string // what would be right: `MB per hour, such as "2 MB/h"`
}

func (e *Error) Error() string {
	return fmt.Sprintf("%q %s: want %s", e.Text, e.Problem, e.Want)
}

// sizes are the units of memory that are read, in bytes. Case counts: Mb would
// be megabits.
var sizes = map[string]float64{
	"B":   1,
	"kB":  1e3,
	"MB":  1e6,
	"GB":  1e9,
	"KiB": 1 << 10,
	"MiB": 1 << 20,
	"GiB": 1 << 30,
}

// periods are the units of time after a slash, in seconds.
var periods = map[string]float64{
	"s":    1,
	"m":    60,
	"min":  60,
	"h":    secondsPerHour,
	"hour": secondsPerHour,
	"d":    24 * secondsPerHour,
	"day":  24 * secondsPerHour,
}

// ParseBytes reads "512 KiB" or "64 MB". The error is an *Error.
func ParseBytes(text string) (Bytes, error) {
	const want = `an amount of memory, such as "64 MB" or "512 KiB"`
	n, unit, err := split(text, want)
	if err != nil {
		return 0, err
	}
	size, err := lookup(text, unit, sizes, want)
	if err != nil {
		return 0, err
	}
	if n*size >= math.MaxInt64 {
		return 0, &Error{text, "is out of range", want}
	}
	return Bytes(math.Round(n * size)), nil
}

// ParseMBPerHour reads "2 MB/h", "512 KiB/h" or "1.5 GB/h". The error is an
// *Error.
func ParseMBPerHour(text string) (MBPerHour, error) {
	const want = `memory per hour, such as "2 MB/h" or "512 KiB/h"`
	bytes, period, err := splitRate(text, "is an amount, not a growth", want)
	if err != nil {
		return 0, err
	}
	return MBPerHour(bytes / bytesPerMB * (secondsPerHour / period)), nil
}

// ParseBytesPerSecond reads "64 KiB/s" or "3 MB/min". The error is an *Error.
func ParseBytesPerSecond(text string) (BytesPerSecond, error) {
	const want = `a speed, such as "64 KiB/s" or "1 MB/s"`
	bytes, period, err := splitRate(text, "is an amount, not a speed", want)
	if err != nil {
		return 0, err
	}
	return BytesPerSecond(bytes / period), nil
}

// splitRate cuts memory per time into bytes and seconds.
func splitRate(text, noRate, want string) (bytes, period float64, err error) {
	n, unit, err := split(text, want)
	if err != nil {
		return 0, 0, err
	}
	sizeUnit, periodUnit, found := strings.Cut(unit, "/")
	if !found {
		return 0, 0, &Error{text, noRate, want}
	}
	size, err := lookup(text, strings.TrimSpace(sizeUnit), sizes, want)
	if err != nil {
		return 0, 0, err
	}
	period, err = lookup(text, strings.TrimSpace(periodUnit), periods, want)
	return n * size, period, err
}

// ParsePerSecond reads "20/s", "5/min" or "1000/h". The error is an *Error.
func ParsePerSecond(text string) (PerSecond, error) {
	const want = `requests per second, such as "20/s" or "300/min"`
	n, unit, err := split(text, want)
	if err != nil {
		return 0, err
	}
	periodUnit, found := strings.CutPrefix(unit, "/")
	if !found {
		return 0, &Error{text, "is not a rate", want}
	}
	period, err := lookup(text, strings.TrimSpace(periodUnit), periods, want)
	if err != nil {
		return 0, err
	}
	return PerSecond(n / period), nil
}

// split cuts text into its number and its unit, neither of which may be empty.
func split(text, want string) (n float64, unit string, err error) {
	trimmed := strings.TrimSpace(text)
	if strings.HasPrefix(trimmed, "-") {
		return 0, "", &Error{text, "is negative", want}
	}
	rest := strings.TrimLeft(trimmed, "0123456789.")
	number := trimmed[:len(trimmed)-len(rest)]
	if number == "" {
		return 0, "", &Error{text, "has no number", want}
	}
	n, err = strconv.ParseFloat(number, 64)
	if err != nil || n > math.MaxFloat64/1e12 {
		return 0, "", &Error{text, "has a number that cannot be read", want}
	}
	if rest = strings.TrimSpace(rest); rest == "" {
		return 0, "", &Error{text, "has no unit", want}
	}
	return n, rest, nil
}

// lookup finds name among the known units, and says so when only its case is
// wrong.
func lookup(text, name string, known map[string]float64, want string) (float64, error) {
	if v, ok := known[name]; ok {
		return v, nil
	}
	problem := fmt.Sprintf("has an unknown unit %q", name)
	for k := range known {
		if strings.EqualFold(k, name) {
			problem = fmt.Sprintf("has an unknown unit %q (did you mean %s?)", name, k)
		}
	}
	return 0, &Error{text, problem, want}
}
