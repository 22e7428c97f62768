package scenarios

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"github.com/leakcheck/leakcheck/loadgen/rows"
)

var orders = []string{"sequential", "random", "unique"}

// data reads the file of test data, whose problems have their place in it.
func (c *checker) data(path string, d *Data) {
	if c.good(path+".order") && !slices.Contains(orders, d.Order) {
		c.fail(path+".order", suggest(d.Order, orders), "order: %s is not known", quote(d.Order))
	}
	if !c.required(path, "file", "add file: users.csv") {
		return
	}
	given := d.File
	content, ok := c.file(path+".file", &d.File)
	if !ok {
		return
	}
	var err error
	switch strings.ToLower(filepath.Ext(d.File)) {
	case ".csv":
		d.Table, err = rows.CSV(content)
	case ".jsonl", ".ndjson", ".json":
		d.Table, err = rows.JSONLines(content)
	default:
		c.fail(path+".file", "name it .csv, or .jsonl for JSON lines", "file: %s is neither CSV nor JSON lines by its name", quote(given))
		return
	}
	var wrong *rows.Error
	if errors.As(err, &wrong) {
		c.fail(path+".file", "", "file: %s: %v", quote(given), wrong)
		return
	}
	c.columns, c.anyColumn = d.Table.Columns, false
}
