package command

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// PrintJSON prints what --json asks for.
func PrintJSON(w io.Writer, document any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(document)
}

// Plural counts things: "1 endpoint", "2 endpoints".
func Plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// List lists things.
func List(all []string) string { return strings.Join(all, ", ") }
