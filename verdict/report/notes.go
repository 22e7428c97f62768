package report

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/leakcheck/leakcheck/verdict"
)

// notes numbers the warnings of a verdict as footnotes, the same text once.
type notes struct {
	list   []verdict.Warning
	number map[verdict.Warning]int
}

// mark gives the footnote numbers of some warnings: "1,3".
func (n *notes) mark(all []verdict.Warning) string {
	marks := make([]string, len(all))
	for i, w := range all {
		marks[i] = strconv.Itoa(n.add(w))
	}
	return strings.Join(marks, ",")
}

func (n *notes) add(w verdict.Warning) int {
	if n.number == nil {
		n.number = map[verdict.Warning]int{}
	}
	if n.number[w] == 0 {
		n.list = append(n.list, w)
		n.number[w] = len(n.list)
	}
	return n.number[w]
}

// write prints the footnotes below the table.
func (n *notes) write(b *strings.Builder, s Style) {
	for i, w := range n.list {
		head := fmt.Sprintf("%s%d ", indent, i+1)
		hang(b, s, head, fmt.Sprintf("%s (%s)", w.Message, w.Code), yellow)
	}
	if len(n.list) > 0 {
		b.WriteString("\n")
	}
}

// hang prints text behind head, with the further lines aligned below the text.
func hang(b *strings.Builder, s Style, head, text, code string) {
	pad := strings.Repeat(" ", len([]rune(head)))
	for i, line := range wrap(text, s.width()-len([]rune(head))) {
		if i > 0 {
			head = pad
		}
		b.WriteString(s.paint(code, head) + line + "\n")
	}
}
