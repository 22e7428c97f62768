package command

import (
	"encoding/json"
	"io"
)

// PrintJSON prints what --json asks for.
func PrintJSON(w io.Writer, document any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(document)
}
