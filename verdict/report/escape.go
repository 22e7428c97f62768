package report

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

// escapeMarkdown makes one line of plain text in GitHub's Markdown: no markup,
// no HTML, no table cell, and no mention of people or issues.
func escapeMarkdown(text string) string {
	var b strings.Builder
	for _, r := range oneLine(text) {
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case strings.ContainsRune("\\`*_{}[]#!|~>", r):
			b.WriteRune('\\')
			b.WriteRune(r)
		case r == '@':
			b.WriteString("@\u200b") // no one is called by a class name
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// oneLine puts spaces for line breaks and leaves control characters out.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			return ' '
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, text)
}

// code is a code span in a table cell.
func code(text string) string {
	text = strings.ReplaceAll(oneLine(text), "|", `\|`)
	ticks := strings.Repeat("`", longest(text, '`')+1)
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") {
		text = " " + text + " "
	}
	return ticks + text + ticks
}

// fence is a fenced block of one command.
func fence(command string) string {
	ticks := strings.Repeat("`", max(3, longest(command, '`')+1))
	return ticks + "sh\n" + oneLine(command) + "\n" + ticks
}

// longest is the length of the longest stretch of r in text.
func longest(text string, r rune) int {
	most, n := 0, 0
	for _, c := range text {
		if c != r {
			n = 0
			continue
		}
		n++
		most = max(most, n)
	}
	return most
}

// byRank lists runs with the worst first, in their order otherwise.
func byRank(runs []Document) []*Document {
	out := make([]*Document, len(runs))
	for i := range runs {
		out[i] = &runs[i]
	}
	slices.SortStableFunc(out, func(a, b *Document) int { return cmp.Compare(rank(b), rank(a)) })
	return out
}
