package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// printJSON prints what --json asks for.
func printJSON(w io.Writer, document any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(document)
}

// plural counts things: "1 endpoint", "2 endpoints".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// joinComma lists things.
func joinComma(all []string) string { return strings.Join(all, ", ") }
