package recording

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// chain ties each line of a file to those before it: a line ends with a sum over
// the last one's sum and itself. A line that is lost, changed, moved or there
// twice does not fit. It is no seal: whoever changes a line on purpose can write
// new sums.
type chain struct{ last [sumSize]byte }

const (
	// sumSize is in bytes, too long to fit by chance.
	sumSize = 8
	// chained is the first schema whose lines have sums.
	chained = 3
)

// sumField begins what a line ends with.
const sumField = `,"sum":"`

// add returns the line of a value, with its sum and a line break.
func (c *chain) add(value any) ([]byte, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	text = text[:len(text)-1] // without its brace
	c.next(text)
	text = append(text, sumField...)
	text = hex.AppendEncode(text, c.last[:])
	return append(text, '"', '}', '\n'), nil
}

// fits reports whether a line of a file follows those before it.
func (c *chain) fits(line []byte) bool {
	line = bytes.TrimSuffix(line, []byte("\n"))
	at := len(line) - len(sumField) - 2*sumSize - len(`"}`)
	if at < 0 || !bytes.HasPrefix(line[at:], []byte(sumField)) || !bytes.HasSuffix(line, []byte(`"}`)) {
		return false
	}
	c.next(line[:at])
	var sum [sumSize]byte
	_, err := hex.Decode(sum[:], line[at+len(sumField):len(line)-2])
	return err == nil && sum == c.last
}

func (c *chain) next(text []byte) {
	h := sha256.New()
	h.Write(c.last[:]) // never fails, as documented
	h.Write(text)
	copy(c.last[:], h.Sum(nil))
}
