package sources

import (
	"regexp"
	"strings"

	"github.com/leakcheck/leakcheck/sampler/evidence"
)

// idiom is a way in which a line keeps or opens something. The name stands in a
// frame's Idiom.
type idiom struct {
	name    evidence.Idiom
	pattern *regexp.Regexp
}

// idioms begin with those that keep.
var idioms = []idiom{
	{evidence.IdiomEnvironment, regexp.MustCompile(`\bprocess\.env(?:\.\w+|\[[^\]]+\])\s*=[^=]`)},
	{evidence.IdiomListen, regexp.MustCompile(`\.\s*(?:on|once|addListener|prependListener|addEventListener)\s*\(`)},
	{evidence.IdiomTimer, regexp.MustCompile(`\bset(?:Interval|Timeout)\s*\(`)},
	{evidence.IdiomPut, regexp.MustCompile(`\.\s*(?:set|add|push|unshift)\s*\(`)},
	{evidence.IdiomIndex, regexp.MustCompile(`[\w$)\]]\[.+\]` + assigns)},
	{evidence.IdiomAssign, regexp.MustCompile(`^\s*[\w$.\[\]]*(?:[\w$)\]]\s*\??\.\s*)?#?[\w$]+` + assigns)},
	{evidence.IdiomRace, regexp.MustCompile(`\bPromise\s*\.\s*(?:race|any|all|allSettled)\s*\(`)},
	{evidence.IdiomSignal, regexp.MustCompile(`\bAbortSignal\s*\.\s*any\s*\(`)},
	{evidence.IdiomSymbol, regexp.MustCompile(`\bSymbol\s*\.\s*for\s*\(\s*[\w$` + "`" + `]`)}, // of no fixed key
	{evidence.IdiomOpen, regexp.MustCompile(`\b(?:create(?:Read|Write)Stream|createConnection|connect|open|openSync|createContext)\s*\(|\bnew\s+(?:\w+\.)*(?:Worker|Resolver|Client|Pool|Agent|Socket)\b`)},
	{evidence.IdiomNew, regexp.MustCompile(`\bnew\s+[\w.]+|\bBuffer\s*\.\s*(?:alloc\w*|from|concat)\s*\(`)},
	{evidence.IdiomLiteral, regexp.MustCompile(`[=(,:]\s*[{\[]\s*[\w'"\[{.]|return\s*[{\[]`)},
	{evidence.IdiomClosure, regexp.MustCompile(`=>|\bfunction\b`)},
}

// Idioms are the lines of the function that begins at a place which keep or
// open something, the most telling first.
func (r *Resolver) Idioms(at evidence.Frame) []evidence.Frame {
	f := r.open(r.absolute(at.File))
	fn := f.begins(at.Line, at.Column)
	if fn == nil {
		return nil
	}
	first := at.Line
	if fn.last > first {
		first++ // the head keeps nothing
	}
	var found []evidence.Frame
	for _, idiom := range idioms {
		for n := first; n <= fn.last; n++ {
			if f.follows(n, idiom, fn) {
				place := at
				place.Line, place.Column, place.Idiom = n, 0, idiom.name
				found = append(found, place)
			}
		}
	}
	return found
}

// follows reports whether line n has the idiom, in a call of fn: what is put
// into something that the call itself makes goes with it.
func (f *file) follows(n int, i idiom, fn *function) bool {
	text := withoutComment(f.line(n))
	at := i.pattern.FindStringIndex(text)
	if at == nil {
		return false
	}
	switch i.name {
	case evidence.IdiomAssign:
		return f.assignsBeyond(n, text, fn)
	case evidence.IdiomPut, evidence.IdiomIndex:
		// The receiver ends where the method begins, or in what the pattern found.
		root := rootBefore.FindStringSubmatch(text[:at[0]+1])
		return root == nil || fn == nil || !fn.made(f, n, root[1], false)
	}
	return true
}

// rootBefore finds the first name of the receiver that a text ends with.
var rootBefore = regexp.MustCompile(`([\w$]+)(?:\??\.#?[\w$]+|\[[^\]]*\])*\??\.?$`)

// idiomOf is the most telling idiom of line n, "" when it has none.
func (f *file) idiomOf(n int) evidence.Idiom {
	for _, idiom := range idioms {
		if f.follows(n, idiom, f.around(n)) {
			return idiom.name
		}
	}
	return ""
}

// Idiom is the most telling idiom of the line of a place, "" when it has none.
func (r *Resolver) Idiom(at evidence.Frame) evidence.Idiom {
	return r.open(r.absolute(at.File)).idiomOf(at.Line)
}

// passing are objects that live for one request, and what a module exports.
var passing = regexp.MustCompile(`^\s*(?:req|request|res|response|reply|ctx|context|module|exports|self)\s*\.`)

// assignsBeyond reports whether what line n assigns may live longer than a call of
// fn: it is no variable of the function, nothing of the request, and nothing of an
// object that its constructor makes.
func (f *file) assignsBeyond(n int, text string, fn *function) bool {
	if declaration.MatchString(text) || passing.MatchString(text) {
		return false
	}
	name := f.functionAt(n)
	own := strings.HasPrefix(strings.TrimSpace(text), "this.")
	if own && (name == "constructor" || name != "" && strings.ToUpper(name[:1]) == name[:1]) {
		return false
	}
	first := strings.TrimSpace(firstName.FindString(text))
	return own || first == "" || fn == nil || !fn.made(f, n, first, true)
}

var firstName = regexp.MustCompile(`^\s*[\w$]+`)

// Keeps says that a line's idiom keeps or opens something, and does not only
// make it.
func Keeps(line evidence.Frame) bool {
	switch line.Idiom {
	case evidence.IdiomNew, evidence.IdiomLiteral, evidence.IdiomClosure, "":
		return false
	}
	return true
}

// Assigns reports whether a line's idiom keeps something by assigning it.
func Assigns(line evidence.Frame) bool {
	return line.Idiom == evidence.IdiomIndex || line.Idiom == evidence.IdiomAssign
}

var comment = regexp.MustCompile(`(^|\s)//.*$`)

func withoutComment(text string) string { return comment.ReplaceAllString(text, "") }
