package compare_test

import (
	"bytes"
	"testing"

	"github.com/leakcheck/leakcheck/verdict/compare"
)

// FuzzReadBaseline: whatever a baseline file says, it can be written again, or there
// is an error.
func FuzzReadBaseline(f *testing.F) {
	f.Add([]byte(`{"schema": 1, "runs": []}`))
	f.Add([]byte(`{"schema": 1, "runs": [{"id": "x", "scenario": "shop", "endpoints": [{"name": "cart"}]}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		b, err := compare.ReadBaseline(bytes.NewReader(text))
		if err != nil {
			return
		}
		var out bytes.Buffer
		if err := b.Write(&out); err != nil {
			t.Fatal(err)
		}
		if _, err := compare.ReadBaseline(&out); err != nil {
			t.Errorf("it cannot be read again: %v", err)
		}
	})
}
