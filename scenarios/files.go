package scenarios

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/leakcheck/leakcheck/loadgen/infile"
	"github.com/leakcheck/leakcheck/loadgen/template"
)

// targets checks the targets file and its format.
func (c *checker) targets(path string, e *Endpoint) {
	c.file(path+".targets", &e.Targets)
	switch e.TargetsFormat {
	case "http", "json":
	case "":
		e.TargetsFormat = formatOf(e.Targets)
	default:
		c.fail(path+".targets_format", "", "targets_format: %s is not known: want http or json", quote(e.TargetsFormat))
	}
}

func formatOf(path string) string {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".json", ".jsonl", ".ndjson":
		return "json"
	}
	return "http"
}

// bodyFile reads the body, whose templates are checked at their place in that
// file.
func (c *checker) bodyFile(path string, m *Message) {
	given := m.BodyFile
	content, ok := c.file(path, &m.BodyFile)
	if !ok {
		return
	}
	m.Body = string(content)
	t, err := template.Parse(m.Body)
	var wrong *template.Error
	if errors.As(err, &wrong) {
		c.inFile(given, m.Body, wrong.Offset, wrong.Msg, "")
		return
	}
	for _, ref := range c.unknown(t) {
		c.inFile(given, m.Body, ref.Offset, ref.Msg, ref.hint)
	}
}

// inFile reports a problem at an offset of a file that the scenario names.
func (c *checker) inFile(given, content string, offset int, message, hint string) {
	p := Problem{File: filepath.Join(filepath.Dir(c.decoder.file), filepath.FromSlash(given)), Message: message, Hint: hint}
	if filepath.IsAbs(given) {
		p.File = given
	}
	before := content[:offset]
	p.Line = strings.Count(before, "\n") + 1
	p.Col = utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
	p.Source, _, _ = strings.Cut(content[strings.LastIndexByte(before, '\n')+1:], "\n")
	c.problems = append(c.problems, p)
}

// file reads the file that the value at path names, and makes its name
// absolute.
func (c *checker) file(path string, name *string) (content []byte, ok bool) {
	given := *name
	if given == "" {
		c.fail(path, "", "%sthe file's name is empty", label(path))
		return nil, false
	}
	*name = c.resolved(given)
	content, err := infile.ReadRegular(*name, maxFile)
	if errors.Is(err, infile.ErrTooLarge) {
		c.fail(path, "", "%s%s is larger than 10 MB", label(path), quote(given))
		return nil, false
	}
	if err != nil {
		c.fail(path, "it is relative to this file", "%s%s", label(path), fileProblem(given, err))
		return nil, false
	}
	c.bodies[*name] = content
	return content, true
}

// fileProblem says what is wrong with a file by the name that the user knows.
func fileProblem(given string, err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return quote(given) + " does not exist"
	}
	var inner *fs.PathError
	if errors.As(err, &inner) {
		err = inner.Err
	}
	return quote(given) + ": " + err.Error()
}
