// Package printable makes text from outside (a target's output, a recording or a
// snapshot that somebody else made) fit to be shown: what would move a terminal's
// cursor, turn the direction of writing or hide is shown as \u001b and the like.
package printable

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// painted are a terminal's codes for colours and the like.
var painted = regexp.MustCompile(`\x1b\[[0-9;:]*m`)

// Text is s without colours, and with every other character that is not shown as
// itself replaced by its escape, except for line breaks and tabs.
func Text(s string) string {
	if !strings.ContainsFunc(s, isHidden) {
		return strings.ToValidUTF8(s, "\ufffd")
	}
	var b strings.Builder
	for _, r := range painted.ReplaceAllString(s, "") {
		b.WriteString(escape(r))
	}
	return b.String()
}

func escape(r rune) string {
	switch {
	case !isHidden(r):
		return string(r)
	case r <= 0xffff:
		return fmt.Sprintf(`\u%04x`, r)
	}
	return fmt.Sprintf(`\U%08x`, r)
}

// isHidden reports whether r controls how other characters are shown. A space
// without width does not, and is left to break words.
func isHidden(r rune) bool {
	const zeroWidthSpace, zeroWidthJoiner = '\u200b', '\u200d' // of emojis that are made of several
	switch r {
	case '\n', '\t', zeroWidthSpace, zeroWidthJoiner:
		return false
	case '\u2028', '\u2029': // line breaks to some
		return true
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
}

// Strings makes all strings that a value leads to plain, keys of maps included.
// It takes a pointer.
func Strings(v any) { walk(reflect.ValueOf(v)) }

func walk(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			walk(v.Elem())
		}
	case reflect.String:
		if text := v.String(); v.CanSet() && needs(text) {
			v.SetString(Text(text))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				walk(v.Field(i))
			}
		}
	case reflect.Slice, reflect.Array:
		if !holdsText(v.Type().Elem().Kind()) {
			return
		}
		for i := range v.Len() {
			walk(v.Index(i))
		}
	case reflect.Map:
		walkMap(v)
	}
}

// walkMap puts plain copies of entries in their place, since neither keys nor
// values of a map can be changed there.
func walkMap(m reflect.Value) {
	if m.Type().Key().Kind() != reflect.String {
		return
	}
	for _, key := range m.MapKeys() {
		value := reflect.New(m.Type().Elem()).Elem()
		value.Set(m.MapIndex(key))
		walk(value)
		if needs(key.String()) {
			m.SetMapIndex(key, reflect.Value{})
			key = reflect.ValueOf(Text(key.String())).Convert(m.Type().Key())
		}
		m.SetMapIndex(key, value)
	}
}

func holdsText(k reflect.Kind) bool {
	switch k {
	case reflect.Pointer, reflect.String, reflect.Struct, reflect.Slice, reflect.Array, reflect.Map:
		return true
	}
	return false
}

func needs(s string) bool { return strings.ContainsFunc(s, isHidden) || !utf8.ValidString(s) }
