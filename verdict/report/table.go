package report

import (
	"strings"
	"unicode/utf8"
)

// table is rows of cells, aligned in columns. The first row is the head.
type table struct {
	rows  [][]cell
	right []bool // columns that are aligned to the right
	tight int    // the column that only a space parts from the next
}

// cell is text with the colour it is painted in.
type cell struct {
	text string
	code string
}

func (t *table) add(cells ...cell) { t.rows = append(t.rows, cells) }

// gutter stands between two columns, and indent before the first.
const (
	gutter = "  "
	indent = "  "
)

// write prints the table at most width columns wide: the first column is
// shortened where it has to be.
func (t *table) write(b *strings.Builder, s Style) {
	widths := t.widths()
	room := widths[0] + s.width() - t.total(widths)
	widths[0] = min(widths[0], max(minName, room))
	for _, row := range t.rows {
		line := indent
		for i, c := range row {
			line += t.aligned(i, c, widths[i], s) + t.gutter(i)
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
}

func (t *table) gutter(col int) string {
	if col == t.tight {
		return " "
	}
	return gutter
}

// minName is the width below which names are not shortened.
const minName = 12

func (t *table) aligned(col int, c cell, width int, s Style) string {
	text := shorten(c.text, width)
	pad := strings.Repeat(" ", width-utf8.RuneCountInString(text))
	if t.right[col] {
		return pad + s.paint(c.code, text)
	}
	return s.paint(c.code, text) + pad
}

func (t *table) widths() []int {
	out := make([]int, len(t.right))
	for _, row := range t.rows {
		for i, c := range row {
			out[i] = max(out[i], utf8.RuneCountInString(c.text))
		}
	}
	return out
}

func (t *table) total(widths []int) int {
	n := len(indent)
	for i, w := range widths {
		n += w
		if i > 0 {
			n += len(t.gutter(i - 1))
		}
	}
	return n
}
