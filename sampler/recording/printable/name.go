package printable

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// MaxName bounds a name, in bytes.
const MaxName = 100

// Reserved are names that reports use for what is no endpoint.
var Reserved = []string{"background", "interaction"}

// CheckName says why something cannot be called by name: it would not be shown
// as it is.
func CheckName(name string) error {
	hidden := strings.IndexFunc(name, func(r rune) bool { return isHidden(r) || r == '\n' || r == '\t' })
	switch {
	case strings.TrimSpace(name) == "":
		return errors.New("name is empty")
	case len(name) > MaxName:
		return fmt.Errorf("name is longer than %d bytes", MaxName)
	case !utf8.ValidString(name):
		return errors.New("name is not UTF-8")
	case hidden >= 0:
		r, _ := utf8.DecodeRuneInString(name[hidden:])
		what := "a control character"
		if !unicode.IsControl(r) {
			what = "a character that is not shown"
		}
		return fmt.Errorf("name contains %s (U+%04X)", what, r)
	case strings.TrimSpace(name) != name:
		return errors.New("name begins or ends with a blank")
	}
	return nil
}

// CheckEndpoint is CheckName, and refuses what is Reserved.
func CheckEndpoint(name string) error {
	if slices.Contains(Reserved, strings.ToLower(Alike(name))) {
		return errors.New("name has a meaning of its own in reports")
	}
	return CheckName(name)
}

// Alike is equal for names that look alike: they may differ in blanks, and in the
// forms of a character.
func Alike(name string) string {
	name = norm.NFKC.String(name)
	name = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, name)
	return strings.Join(strings.Fields(name), " ")
}

// runID is what the folder of a run may be called: no way out of its parent.
var runID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)

// CheckRunID refuses what is not fit to be the name of a run's folder.
func CheckRunID(id string) error {
	if !runID.MatchString(id) {
		return fmt.Errorf("run id %.60q is not made of letters, digits, dots and dashes", id)
	}
	return nil
}
