package cli

import (
	"encoding/json"
	"io"
)

// printJSON prints what --json asks for.
func printJSON(w io.Writer, document any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(document)
}
