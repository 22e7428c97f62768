package driver

import "strings"

// minSecret is the shortest captured value that is taken for a secret: shorter
// ones are ids, and occur in any text.
const minSecret = 8

// secrets hides captured values, which no message and no recording has.
type secrets struct{ replacer *strings.Replacer }

func newSecrets(captures map[string]string) secrets {
	var pairs []string
	for name, value := range captures {
		if len(value) >= minSecret {
			pairs = append(pairs, value, `{{capture "`+name+`"}}`)
		}
	}
	return secrets{strings.NewReplacer(pairs...)}
}

func (s secrets) hide(text string) string { return s.replacer.Replace(text) }
