package rows

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRead(t *testing.T) {
	want := &Table{Columns: []string{"id", "name"}, Rows: [][]string{{"010", "a, \"b\""}, {"2", ""}}}
	csv, err := CSV([]byte("\uFEFFid,name\r\n010,\"a, \"\"b\"\"\"\r\n2,\r\n"))
	if diff := cmp.Diff(want, csv); diff != "" || err != nil {
		t.Errorf("CSV: %v; -want +got:\n%s", err, diff)
	}
	lines, err := JSONLines([]byte("{\"name\": \"a, \\\"b\\\"\", \"id\": \"010\"}\n\n{\"id\": 2, \"name\": null}\n"))
	if diff := cmp.Diff(want, lines); diff != "" || err != nil {
		t.Errorf("JSON lines: %v; -want +got:\n%s", err, diff)
	}
}

func TestErrors(t *testing.T) {
	tests := []struct {
		read func([]byte) (*Table, error)
		text string
		want string
	}{
		{CSV, "", "it is empty: the first line names the columns"},
		{CSV, "a,b\n", "it has no rows"},
		{CSV, "a,b\n1,2\n3\n", "line 3: wrong number of fields"},
		{CSV, "a,a\n1,2\n", `line 1: two columns are named "a"`},
		{CSV, "a,\n1,2\n", "line 1: a column has no name"},
		{JSONLines, "\n", "it has no rows"},
		{JSONLines, "{\"a\": 1}\n[1]\n", "line 2: want one JSON object"},
		{JSONLines, "{\"a\": 1}\n{\"b\": 1}\n", `line 2: "a" is missing, which the first line has`},
		{JSONLines, "{\"a\": {}}\n", `line 1: "a": want text, a number, true, false or null`},
	}
	for _, tt := range tests {
		_, err := tt.read([]byte(tt.text))
		if err == nil || err.Error() != tt.want {
			t.Errorf("%q: got %v, want %s", tt.text, err, tt.want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("a,b\n1,2\n")
	f.Add("{\"a\": 1}\n")
	f.Fuzz(func(t *testing.T, text string) {
		for name, read := range map[string]func([]byte) (*Table, error){"csv": CSV, "json": JSONLines} {
			table, err := read([]byte(text))
			if err != nil {
				if !errors.As(err, new(*Error)) {
					t.Errorf("%s: %T", name, err)
				}
				continue
			}
			for _, row := range table.Rows {
				if len(row) != len(table.Columns) || len(row) == 0 || strings.TrimSpace(table.Columns[0]) == "" {
					t.Errorf("%s: row %q of columns %q", name, row, table.Columns)
				}
			}
		}
	})
}
