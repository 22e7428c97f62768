package recording

import (
	"bytes"
	"fmt"
	"strconv"
	"time"
)

// Buckets is a histogram. In JSON it is one flat array: up to (in ns), count,
// up to, count, ... With names, it would be most of a recording's size and of
// the time to read it; for the same reason it is coded by hand.
type Buckets []Bucket

// MarshalJSON implements json.Marshaler.
func (b Buckets) MarshalJSON() ([]byte, error) {
	out := []byte{'['}
	for i, bucket := range b {
		if i > 0 {
			out = append(out, ',')
		}
		out = strconv.AppendInt(out, int64(bucket.UpTo), 10)
		out = append(out, ',')
		out = strconv.AppendInt(out, int64(bucket.Count), 10)
	}
	return append(out, ']'), nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (b *Buckets) UnmarshalJSON(text []byte) error {
	*b = nil
	inner := bytes.TrimSuffix(bytes.TrimPrefix(text, []byte("[")), []byte("]"))
	if len(bytes.TrimSpace(inner)) == 0 {
		return nil
	}
	numbers := make([]int64, 0, bytes.Count(inner, []byte(","))+1)
	for field := range bytes.SplitSeq(inner, []byte(",")) {
		n, err := strconv.ParseInt(string(bytes.TrimSpace(field)), 10, 64)
		if err != nil {
			return fmt.Errorf("buckets: %w", err)
		}
		numbers = append(numbers, n)
	}
	if len(numbers)%2 != 0 {
		return fmt.Errorf("buckets: %d numbers, want pairs", len(numbers))
	}
	*b = make(Buckets, 0, len(numbers)/2)
	for i := 0; i < len(numbers); i += 2 {
		*b = append(*b, Bucket{UpTo: time.Duration(numbers[i]), Count: int(numbers[i+1])})
	}
	return nil
}
