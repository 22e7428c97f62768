package scenarios

import (
	"fmt"
	"math"
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// scalar decodes one value by the type of its destination.
func (d *decoder) scalar(n ast.Node, path string, dst any) {
	switch dst := dst.(type) {
	case *string:
		d.str(n, path, dst)
	case *int:
		d.integer(n, path, dst)
	case *uint64:
		d.unsigned(n, path, dst)
	case *bool:
		d.boolean(n, path, dst)
	case *float64:
		d.float(n, path, dst)
	case *time.Duration:
		parsed(d, n, path, dst, "a time such as 30s", parseDuration)
	case *time.Time:
		parsed(d, n, path, dst, "a day such as 2027-01-31", parseDay)
	case *unit.Bytes:
		parsed(d, n, path, dst, "memory, such as 256 MiB", unit.ParseBytes)
	case *unit.MBPerHour:
		parsed(d, n, path, dst, "memory per hour, such as 2 MB/h", unit.ParseMBPerHour)
	case *unit.PerSecond:
		parsed(d, n, path, dst, "a rate such as 20/s", unit.ParsePerSecond)
	case *unit.BytesPerSecond:
		parsed(d, n, path, dst, "a speed such as 64 KiB/s", unit.ParseBytesPerSecond)
	default:
		panic(fmt.Sprintf("scenarios: no decoder for %T", dst)) // a type was added without one
	}
}

// maxQuantity is more than a number and its unit take, in bytes.
const maxQuantity = 100

// parsed decodes a value from its text.
func parsed[T any](d *decoder, n ast.Node, path string, dst *T, want string, parse func(string) (T, error)) {
	text, ok := scalarText(n)
	if !ok {
		d.wrong(path, n, want, "")
		return
	}
	if len(text) > maxQuantity {
		d.fail(path, "", "%swant %s, got %s", label(path), want, quote(text))
		return
	}
	v, err := parse(text)
	if err != nil {
		d.fail(path, "", "%s%v", label(path), err)
		return
	}
	*dst = v
}

func parseDuration(text string) (time.Duration, error) {
	v, err := time.ParseDuration(text)
	if err != nil {
		return 0, fmt.Errorf("%s is no time: want a number and its unit, such as 30s, 5m or 250ms", quote(text))
	}
	return v, nil
}

func parseDay(text string) (time.Time, error) {
	v, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("%s is no day: want year-month-day, such as 2027-01-31", quote(text))
	}
	return v, nil
}

func (d *decoder) str(n ast.Node, path string, dst *string) {
	switch n.(type) {
	case *ast.StringNode, *ast.LiteralNode:
		*dst, _ = scalarText(n)
	default:
		hint := ""
		if _, list := n.(*ast.SequenceNode); !list {
			hint = "put it in quotes"
		}
		d.wrong(path, n, "text", hint)
	}
}

func (d *decoder) integer(n ast.Node, path string, dst *int) {
	i, ok := n.(*ast.IntegerNode)
	if !ok {
		d.wrong(path, n, "a whole number", "")
		return
	}
	switch v := i.Value.(type) {
	case int64:
		*dst = int(v)
	case uint64:
		*dst = int(min(v, math.MaxInt))
	}
}

func (d *decoder) unsigned(n ast.Node, path string, dst *uint64) {
	if i, ok := n.(*ast.IntegerNode); ok {
		switch v := i.Value.(type) {
		case uint64:
			*dst = v
			return
		case int64:
			if v >= 0 {
				*dst = uint64(v)
				return
			}
		}
	}
	text, _ := scalarText(n)
	d.fail(path, "", "%swant a whole number from 0 to 2^64-1, got %s", label(path), quote(text))
}

func (d *decoder) boolean(n ast.Node, path string, dst *bool) {
	b, ok := n.(*ast.BoolNode)
	if !ok {
		d.wrong(path, n, "true or false", "")
		return
	}
	*dst = b.Value
}

func (d *decoder) float(n ast.Node, path string, dst *float64) {
	switch t := n.(type) {
	case *ast.FloatNode:
		*dst = t.Value
	case *ast.IntegerNode:
		var v int
		d.integer(n, path, &v)
		*dst = float64(v)
	default:
		d.wrong(path, n, "a number", "")
	}
}

// texts decodes a list of scalars, each as written.
func (d *decoder) texts(n ast.Node, path string, dst *[]string) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		d.wrong(path, n, "a list", "write each argument as an entry: [node, server.js]")
		return
	}
	for i, entry := range seq.Values {
		var text string
		d.text(entry, fmt.Sprintf("%s[%d]", path, i), &text)
		*dst = append(*dst, text)
	}
}

// textMap decodes a mapping to scalars, each as written.
func (d *decoder) textMap(n ast.Node, path string, dst *map[string]string) {
	*dst = map[string]string{}
	d.each(n, path, func(key string, at place, value ast.Node) {
		child := join(path, key)
		d.places[child], d.keys[child] = at, at
		var text string
		d.text(value, child, &text)
		(*dst)[key] = text
	})
}

// text decodes a scalar of any kind as it is written.
func (d *decoder) text(n ast.Node, path string, dst *string) {
	if !isNull(n) || !d.has(path) { // an absent value stands where its key does
		d.places[path] = placeOf(n)
	}
	n = d.resolve(n, path)
	if n == nil {
		return
	}
	text, ok := scalarText(n)
	if isNull(n) {
		d.wrong(path, n, "text", `write "" for empty text`)
		return
	}
	if !ok {
		d.wrong(path, n, "text", "")
		return
	}
	*dst = text
}

// expect decodes a status, a class of them, or a list of both.
func (d *decoder) expect(n ast.Node, path string, dst *Expect) {
	entries := []ast.Node{n}
	if seq, ok := n.(*ast.SequenceNode); ok {
		entries = seq.Values
	}
	if len(entries) == 0 {
		d.fail(path, "leave it away to expect 2xx and 3xx", "expect: the list is empty")
	}
	for i, entry := range entries {
		at := path
		if len(entries) > 1 {
			at = fmt.Sprintf("%s[%d]", path, i)
		}
		d.places[at] = placeOf(entry)
		var r StatusRange
		if entry = d.resolve(entry, at); entry != nil {
			parsed(d, entry, at, &r, "statuses such as 404, [200, 404] or 4xx", parseStatus)
			*dst = append(*dst, r)
		}
	}
}
