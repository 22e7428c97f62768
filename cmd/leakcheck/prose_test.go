package main

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// Plain sentences are short: none of a plain document has more words than
// mostWords, and half of them have fewer than medianWords.
const (
	mostWords   = 40
	medianWords = 20
	mostColumns = 140
	mostLines   = 150 // of the README
)

var (
	block       = regexp.MustCompile("(?ms)^```.*?\n```$")
	sentenceEnd = regexp.MustCompile(`[.?!]["')*]*(\s+|$)`)
	link        = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
	listItem    = regexp.MustCompile(`^\s*([-*]|\d+\.)\s+`)
)

// paragraphs are the document's prose: without code, tables and headings, and one
// for each item of a list.
func paragraphs(text string) []string {
	var all []string
	var open bool
	for line := range strings.Lines(block.ReplaceAllString(text, "")) {
		line = strings.TrimRight(line, "\n")
		trimmed := strings.TrimSpace(line)
		switch {
		case trimmed == "", strings.HasPrefix(trimmed, "|"), strings.HasPrefix(trimmed, "#"), isCode(line):
			open = false
		case open && !listItem.MatchString(line):
			all[len(all)-1] += " " + trimmed
		default:
			all = append(all, listItem.ReplaceAllString(line, ""))
			open = true
		}
	}
	return all
}

// sentences counts the words of each sentence. A span of code is one word, and a
// link is its text.
func sentences(text string) map[string]int {
	counts := map[string]int{}
	for _, p := range paragraphs(text) {
		p = regexp.MustCompile("`[^`]*`").ReplaceAllString(link.ReplaceAllString(p, "$1"), "code")
		for _, s := range sentenceEnd.Split(p, -1) {
			if words := len(strings.Fields(s)); words > 0 {
				counts[s] = words
			}
		}
	}
	return counts
}

func TestPlainSentences(t *testing.T) {
	for _, document := range plainProse {
		var lengths []int
		for s, words := range sentences(read(t, document)) {
			lengths = append(lengths, words)
			if words > mostWords {
				t.Errorf("%s: a sentence of %d words, want at most %d: %s", filepath.Base(document), words, mostWords, s)
			}
		}
		slices.Sort(lengths)
		if len(lengths) == 0 {
			t.Fatalf("%s has no sentence", document)
		}
		if median := lengths[len(lengths)/2]; median >= medianWords {
			t.Errorf("%s: half of the sentences have %d words or more, want fewer than %d", filepath.Base(document), median, medianWords)
		}
	}
}

// A document is read as text, too: its lines fit a screen.
func TestLinesOfProse(t *testing.T) {
	for _, document := range plainProse {
		for i, line := range strings.Split(block.ReplaceAllStringFunc(read(t, document), blank), "\n") {
			if !strings.HasPrefix(line, "|") && !isCode(line) && utf8.RuneCountInString(line) > mostColumns {
				t.Errorf("%s:%d: a line of %d characters, want at most %d", filepath.Base(document), i+1, utf8.RuneCountInString(line), mostColumns)
			}
		}
	}
	if n := strings.Count(read(t, readme), "\n"); n > mostLines {
		t.Errorf("the README has %d lines, want at most %d: what is looked up stands in docs/", n, mostLines)
	}
}

// isCode reports whether a line is indented as code is.
func isCode(line string) bool { return strings.HasPrefix(line, "    ") }

// blank keeps the line breaks of a block.
func blank(text string) string { return strings.Repeat("\n", strings.Count(text, "\n")) }

// The check itself finds what it looks for.
func TestSentences(t *testing.T) {
	text := "# A heading, of many words\n\nOne [two three](x.md). `a b c` two:\nthree.\n\n- five six\n- seven\n\n| no | prose |\n\n```sh\nnot this\n```\n"
	want := map[string]int{"One two three": 3, "code two: three": 3, "five six": 2, "seven": 1}
	got := sentences(text)
	if len(got) != len(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for s, n := range want {
		if got[s] != n {
			t.Errorf("%q: got %d words, want %d", s, got[s], n)
		}
	}
}
