package rates

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Kind is what a piece of a path looks like.
type Kind uint8

// Literal is the same in each request; the others vary.
const (
	Literal Kind = iota
	Number
	UUID
	Token // random letters and digits: an id, or a secret
	Text
)

var (
	uuidForm  = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	hexForm   = regexp.MustCompile(`^[0-9a-fA-F]{8,}$`)
	tokenForm = regexp.MustCompile(`^[A-Za-z0-9_.~-]{16,}$`)
)

// maxDigits is as many as an int64 holds for certain.
const maxDigits = 18

// KindOf says what s looks like when it is seen alone: Text for a word.
func KindOf(s string) Kind {
	digits := strings.Trim(s, "0123456789") == "" && s != ""
	hasDigit := strings.ContainsAny(s, "0123456789")
	switch {
	case digits && len(s) <= maxDigits:
		return Number
	case uuidForm.MatchString(s):
		return UUID
	case digits, hexForm.MatchString(s) && hasDigit, tokenForm.MatchString(s) && looksRandom(s):
		return Token
	}
	return Text
}

// looksRandom tells 5f4dcc3b5aa765d61d83 from a slug such as red-shoes-size-42:
// digits stand among letters without a hyphen between.
func looksRandom(s string) bool {
	mixed := 0
	for i := 1; i < len(s); i++ {
		if isDigit(s[i]) && isLetter(s[i-1]) || isLetter(s[i]) && isDigit(s[i-1]) {
			mixed++
		}
	}
	return mixed >= 3
}

func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// maxSeen bounds the values that are kept of one place.
const maxSeen = 12

// Values is what was seen in one place: a segment, or a query parameter.
type Values struct {
	Kind      Kind     // that all have, else Text
	Low, High int64    // of numbers
	Longest   int      // in bytes
	Seen      []string // the first few, each once
	Count     int
}

func (v *Values) add(s string) {
	kind := KindOf(s)
	if v.Count == 0 {
		v.Kind = kind
	} else if v.Kind != kind {
		v.Kind = Text
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && kind == Number {
		if v.Count == 0 || n < v.Low {
			v.Low = n
		}
		v.High = max(v.High, n)
	}
	v.Count++
	v.Longest = max(v.Longest, len(s))
	if len(v.Seen) < maxSeen && !slices.Contains(v.Seen, s) {
		v.Seen = append(v.Seen, s)
	}
}

// join adds what was seen elsewhere.
func (v *Values) join(o Values) {
	before := v.Count
	for _, s := range o.Seen {
		v.add(s)
	}
	if o.Kind == Number && v.Kind == Number {
		v.Low, v.High = min(v.Low, o.Low), max(v.High, o.High)
	}
	v.Count = before + o.Count
}
