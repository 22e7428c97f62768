package scenarios

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// The parser takes time in the square of a mapping's size and recurses into
// nested values, so that a hostile or mistaken file is stopped before it. A
// scenario of 500 endpoints has some 10,000 tokens, and nests five deep.
const (
	maxTokens = 50_000
	maxDepth  = 64
)

// parse turns the file into one YAML document, or into problems and nil.
func (d *decoder) parse(src []byte) (root ast.Node) {
	if len(src) > maxFile {
		d.problems = append(d.problems, Problem{File: d.file, Message: "larger than 10 MB, which no scenario is"})
		return nil
	}
	if !d.utf8() {
		return nil
	}
	tokens := joinColons(lexer.Tokenize(string(bytes.TrimPrefix(src, []byte("\uFEFF")))))
	if !d.bounded(tokens) {
		return nil
	}
	f, err := parseTokens(tokens)
	if err != nil {
		d.syntax(err)
		return nil
	}
	return d.document(f)
}

// joinColons joins what the lexer splits at a colon within a list: in YAML,
// [--inspect=127.0.0.1:9229] holds one text, as no space follows the colon.
func joinColons(tokens token.Tokens) token.Tokens {
	var out token.Tokens
	var open []token.Type // brackets
	for i := 0; i < len(tokens); i++ {
		t := tokens[i]
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			open = append(open, t.Type)
		case token.SequenceEndType, token.MappingEndType:
			open = open[:max(0, len(open)-1)]
		}
		for len(open) > 0 && open[len(open)-1] == token.SequenceStartType && splitsText(tokens, i+1) {
			colon, after := tokens[i+1], tokens[i+2]
			t = token.String(t.Value+colon.Value+after.Value, t.Origin+colon.Origin+after.Origin, t.Position)
			i += 2
		}
		out.Add(t)
	}
	return out
}

// splitsText reports whether the token at i is a colon that adjoins unquoted
// text on both sides.
func splitsText(tokens token.Tokens, i int) bool {
	if i+1 >= len(tokens) || tokens[i].Type != token.MappingValueType {
		return false
	}
	before, colon, after := tokens[i-1], tokens[i], tokens[i+1]
	return isPlain(before) && isPlain(after) && before.Origin == strings.TrimRight(before.Origin, " \t\n") &&
		after.Origin == strings.TrimLeft(after.Origin, " \t\n") && colon.Position.Line == after.Position.Line
}

func isPlain(t *token.Token) bool {
	switch t.Type {
	case token.StringType, token.IntegerType, token.FloatType, token.BoolType, token.NullType, token.BinaryIntegerType, token.OctetIntegerType, token.HexIntegerType:
		return true
	}
	return false
}

// parseTokens shields the caller from the parser's own bugs.
func parseTokens(tokens token.Tokens) (f *ast.File, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("not YAML: %v", r)
		}
	}()
	return parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
}

func (d *decoder) utf8() bool {
	for i, line := range d.lines {
		if !utf8.ValidString(line) {
			d.add(i+1, 1, "save the file as UTF-8", "not UTF-8 text")
			return false
		}
	}
	return true
}

// bounded holds the tokens to maxTokens and maxDepth.
func (d *decoder) bounded(tokens token.Tokens) bool {
	if len(tokens) > maxTokens {
		t := tokens[maxTokens].Position
		d.add(t.Line, t.Column, "move large bodies to files of their own, with body_file", "more YAML than any scenario needs")
		return false
	}
	flow, run := 0, 0 // open brackets; structure without content between
	for _, t := range tokens {
		switch t.Type {
		case token.MappingStartType, token.SequenceStartType:
			flow, run = flow+1, run+1
		case token.MappingEndType, token.SequenceEndType:
			flow--
		case token.SequenceEntryType, token.MappingKeyType, token.AnchorType, token.AliasType, token.TagType:
			run++
		case token.StringType, token.IntegerType, token.FloatType, token.SingleQuoteType, token.DoubleQuoteType:
			run = 0
		}
		if flow > maxDepth || run > maxDepth {
			d.add(t.Position.Line, t.Position.Column, "", "nested too deeply")
			return false
		}
	}
	return true
}

// syntax reports where the parser stopped. Of the causes that it describes
// badly, the two frequent ones are put right.
func (d *decoder) syntax(err error) {
	line, col, message := 1, 1, err.Error()
	var yamlErr yaml.Error
	if errors.As(err, &yamlErr) {
		message = "not YAML: " + yamlErr.GetMessage()
		if t := yamlErr.GetToken(); t != nil && t.Position != nil {
			line, col = t.Position.Line, t.Position.Column
		}
	}
	if tabs := d.tabs(); len(tabs) > 0 && strings.Contains(message, "tab") || strings.Contains(message, "'\t'") {
		for _, tab := range tabs {
			d.add(tab, strings.IndexByte(d.lines[tab-1], '\t')+1, "indent with spaces", "tab in the indentation, which YAML does not allow")
		}
		return
	}
	hint := ""
	if strings.Contains(d.line(line), ": {{") {
		hint = `quote text that begins with a brace: "{{seq}}"`
	}
	d.add(line, col, hint, "%s", message)
}

// tabs are the lines that are indented with tabs.
func (d *decoder) tabs() (lines []int) {
	for i, line := range d.lines {
		content := strings.TrimLeft(line, " \t")
		if content != "" && strings.Contains(line[:len(line)-len(content)], "\t") {
			lines = append(lines, i+1)
		}
	}
	return lines
}

// document is the file's only document.
func (d *decoder) document(f *ast.File) (root ast.Node) {
	for _, doc := range f.Docs {
		if doc.Body == nil || doc.Body.Type() == ast.DirectiveType {
			continue
		}
		if root != nil {
			line, col := start(doc.Body)
			d.add(line, col, "keep one scenario in each file", "a second YAML document")
			break
		}
		root = doc.Body
	}
	if root == nil {
		d.add(1, 1, "begin with version: 1", "the file is empty")
	}
	return root
}
