// Package rows reads tables of test data from CSV and JSON lines.
package rows

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Table is rows of text under named columns. Each row has a value for each
// column.
type Table struct {
	Columns []string
	Rows    [][]string
}

// Error is what is wrong with a file. Line counts from 1; 0 is the whole file.
type Error struct {
	Line int
	Msg  string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.Msg
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Msg)
}

// Column is the index of a column, or -1.
func (t *Table) Column(name string) int { return slices.Index(t.Columns, name) }

// CSV reads comma-separated values (RFC 4180); the first row names the columns.
// The error is an *Error.
func CSV(text []byte) (*Table, error) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\uFEFF"))))
	all, err := r.ReadAll()
	var wrong *csv.ParseError
	switch {
	case errors.As(err, &wrong):
		return nil, &Error{wrong.Line, wrong.Err.Error()}
	case err != nil:
		return nil, &Error{Msg: err.Error()}
	case len(all) == 0:
		return nil, &Error{Msg: "it is empty: the first line names the columns"}
	}
	return checked(&Table{all[0], all[1:]})
}

// JSONLines reads one JSON object in each line; the first names the columns.
// The error is an *Error.
func JSONLines(text []byte) (*Table, error) {
	t := &Table{}
	number := 0
	for line := range bytes.SplitSeq(text, []byte("\n")) {
		number++
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		object, err := decode(line)
		if err != nil {
			return nil, &Error{number, err.Error()}
		}
		if t.Columns == nil {
			t.Columns = slices.Sorted(maps.Keys(object))
		}
		row := make([]string, len(t.Columns))
		for i, name := range t.Columns {
			value, there := object[name]
			if !there {
				return nil, &Error{number, fmt.Sprintf("%q is missing, which the first line has", name)}
			}
			if row[i], err = textOf(value); err != nil {
				return nil, &Error{number, fmt.Sprintf("%q: %v", name, err)}
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return checked(t)
}

func decode(line []byte) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	var object map[string]any
	if err := d.Decode(&object); err != nil || object == nil || d.More() {
		return nil, errors.New("want one JSON object")
	}
	return object, nil
}

// textOf is a value as text, numbers as they are written.
func textOf(value any) (string, error) {
	switch v := value.(type) {
	case string:
		return v, nil
	case json.Number:
		return v.String(), nil
	case bool:
		return strconv.FormatBool(v), nil
	case nil:
		return "", nil
	}
	return "", errors.New("want text, a number, true, false or null")
}

func checked(t *Table) (*Table, error) {
	seen := map[string]bool{}
	for _, name := range t.Columns {
		switch {
		case strings.TrimSpace(name) == "":
			return nil, &Error{1, "a column has no name"}
		case seen[name]:
			return nil, &Error{1, fmt.Sprintf("two columns are named %q", name)}
		}
		seen[name] = true
	}
	if len(t.Rows) == 0 {
		return nil, &Error{Msg: "it has no rows"}
	}
	return t, nil
}
