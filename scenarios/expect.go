package scenarios

import (
	"fmt"
	"strconv"
	"strings"
)

// Expect is the statuses that count as success. Empty expects 2xx and 3xx.
type Expect []StatusRange

// StatusRange is a range of HTTP statuses, both ends included.
type StatusRange struct{ Low, High int }

// Match reports whether status counts as success.
func (e Expect) Match(status int) bool {
	if len(e) == 0 {
		return status >= 200 && status < 400
	}
	for _, r := range e {
		if status >= r.Low && status <= r.High {
			return true
		}
	}
	return false
}

// String prints "404", "200, 404" or "4xx".
func (e Expect) String() string {
	if len(e) == 0 {
		return "2xx, 3xx"
	}
	names := make([]string, len(e))
	for i, r := range e {
		names[i] = r.String()
	}
	return strings.Join(names, ", ")
}

// String prints a single status, or the class that the range is.
func (r StatusRange) String() string {
	if r.Low == r.High {
		return strconv.Itoa(r.Low)
	}
	return strconv.Itoa(r.Low/100) + "xx"
}

// parseStatus reads "404" or "4xx".
func parseStatus(text string) (StatusRange, error) {
	if class, ok := strings.CutSuffix(text, "xx"); ok && len(class) == 1 && class >= "1" && class <= "5" {
		low := 100 * int(class[0]-'0')
		return StatusRange{low, low + 99}, nil
	}
	code, err := strconv.Atoi(text)
	if err != nil || code < 100 || code > 599 {
		return StatusRange{}, fmt.Errorf("%q is no HTTP status: want 404, [200, 404] or 4xx", text)
	}
	return StatusRange{code, code}, nil
}
