package sources

import (
	"regexp"
	"strings"

	"github.com/leakcheck/leakcheck/sampler/evidence"
)

// idiom is a way in which a line keeps or opens something. The name stands in a
// frame's Idiom.
type idiom struct {
	name    string
	pattern *regexp.Regexp
}

// idioms begin with those that keep.
var idioms = []idiom{
	{"environment", regexp.MustCompile(`\bprocess\.env(?:\.\w+|\[[^\]]+\])\s*=[^=]`)},
	{"listen", regexp.MustCompile(`\.\s*(?:on|once|addListener|prependListener|addEventListener)\s*\(`)},
	{"timer", regexp.MustCompile(`\bset(?:Interval|Timeout)\s*\(`)},
	{"put", regexp.MustCompile(`\.\s*(?:set|add|push|unshift)\s*\(`)},
	{"index", regexp.MustCompile(`[\w$)\]]\[.+\]` + assigns)},
	{"assign", regexp.MustCompile(`^\s*[\w$.\[\]]*(?:[\w$)\]]\s*\??\.\s*)?#?[\w$]+` + assigns)},
	{"race", regexp.MustCompile(`\bPromise\s*\.\s*(?:race|any|all|allSettled)\s*\(`)},
	{"signal", regexp.MustCompile(`\bAbortSignal\s*\.\s*any\s*\(`)},
	{"symbol", regexp.MustCompile(`\bSymbol\s*\.\s*for\s*\(\s*[\w$` + "`" + `]`)}, // of no fixed key
	{"open", regexp.MustCompile(`\b(?:create(?:Read|Write)Stream|createConnection|connect|open|openSync|createContext)\s*\(|\bnew\s+(?:\w+\.)*(?:Worker|Resolver|Client|Pool|Agent|Socket)\b`)},
	{"new", regexp.MustCompile(`\bnew\s+[\w.]+|\bBuffer\s*\.\s*(?:alloc\w*|from|concat)\s*\(`)},
	{"literal", regexp.MustCompile(`[=(,:]\s*[{\[]\s*[\w'"\[{.]|return\s*[{\[]`)},
	{"closure", regexp.MustCompile(`=>|\bfunction\b`)},
}

// Idioms are the lines of the function that begins at a place which keep or
// open something, the most telling first.
func (r *Resolver) Idioms(at evidence.Frame) []evidence.Frame {
	f := r.open(r.absolute(at.File))
	first, last := at.Line, f.functionEnd(at.Line)
	if last > first {
		first++ // the head keeps nothing
	}
	var found []evidence.Frame
	for _, idiom := range idioms {
		for n := first; n <= last; n++ {
			if f.follows(n, idiom) {
				place := at
				place.Line, place.Column, place.Idiom = n, 0, idiom.name
				found = append(found, place)
			}
		}
	}
	return found
}

// follows says that line n has the idiom.
func (f *file) follows(n int, i idiom) bool {
	text := withoutComment(f.line(n))
	return i.pattern.MatchString(text) && (i.name != "assign" || f.assignsBeyond(n, text))
}

// idiomOf is the most telling idiom of line n, "" when it has none.
func (f *file) idiomOf(n int) string {
	for _, idiom := range idioms {
		if f.follows(n, idiom) {
			return idiom.name
		}
	}
	return ""
}

// passing are objects that live for one request, and what a module exports.
var passing = regexp.MustCompile(`^\s*(?:req|request|res|response|reply|ctx|context|module|exports|self)\s*\.`)

// assignsBeyond says that what line n assigns may live longer than the call: it
// is no variable of the function, nothing of the request, and nothing of an
// object that its constructor makes.
func (f *file) assignsBeyond(n int, text string) bool {
	if passing.MatchString(text) {
		return false
	}
	name, begin := f.functionAt(n)
	own := strings.HasPrefix(strings.TrimSpace(text), "this.")
	if own && (name == "constructor" || name != "" && strings.ToUpper(name[:1]) == name[:1]) {
		return false
	}
	first := firstName.FindString(text)
	if own || first == "" || begin == 0 {
		return true
	}
	local := regexp.MustCompile(`\b(?:const|let|var|for\s*\()\s*[^=;]*\b` + regexp.QuoteMeta(strings.TrimSpace(first)) + `\b|[(,]\s*` + regexp.QuoteMeta(strings.TrimSpace(first)) + `\s*[,)=:]`)
	for k := begin; k < n; k++ {
		if local.MatchString(withoutComment(f.line(k))) {
			return false
		}
	}
	return true
}

var firstName = regexp.MustCompile(`^\s*[\w$]+`)

// Keeps says that a line's idiom keeps or opens something, and does not only
// make it.
func Keeps(line evidence.Frame) bool {
	switch line.Idiom {
	case "new", "literal", "closure", "":
		return false
	}
	return true
}

// Assigns says that a line's idiom keeps something by assigning it.
func Assigns(line evidence.Frame) bool { return line.Idiom == "index" || line.Idiom == "assign" }

// functionEnd is the line on which a function that begins on line n ends: the
// next one that is indented no more and closes something, or the last of the
// expression that an arrow leads to.
func (f *file) functionEnd(n int) int {
	text := strings.TrimRight(f.line(n), " \t\r")
	if strings.HasSuffix(text, "=>") {
		return f.expressionEnd(n)
	}
	if !strings.HasSuffix(text, "{") && !strings.HasSuffix(text, "(") && !strings.HasSuffix(text, ",") {
		return n
	}
	for end := n + 1; end <= len(f.lines); end++ {
		line := f.line(end)
		if trimmed := strings.TrimSpace(line); trimmed != "" && indent(line) <= indent(text) && strings.ContainsAny(trimmed[:1], "})]") {
			return end
		}
	}
	return n
}

// expressionEnd is the last line after line n that is indented more.
func (f *file) expressionEnd(n int) int {
	end := n
	for k := n + 1; k <= len(f.lines); k++ {
		switch line := f.line(k); {
		case strings.TrimSpace(line) == "":
		case indent(line) <= indent(f.line(n)):
			return end
		default:
			end = k
		}
	}
	return end
}

var comment = regexp.MustCompile(`(^|\s)//.*$`)

func withoutComment(text string) string { return comment.ReplaceAllString(text, "") }
