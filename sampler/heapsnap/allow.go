package heapsnap

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
)

// roles say by what the strings of a snapshot are used, as far as such a use may
// be the name of something in code. What has no role is data.
type roles struct {
	fixed      bitset // written in V8 or Node
	code       bitset // of functions, scripts and variables
	classes    bitset
	properties bitset
	internal   bitset // of edges
	count      uint32 // of the strings that nodes and edges use
}

func rolesOf(nodes *nodeColumns, edges *edgeColumns) *roles {
	r := &roles{count: max(nodes.maxName, edges.maxName) + 1}
	for _, set := range []*bitset{&r.fixed, &r.code, &r.classes, &r.properties, &r.internal} {
		*set = newBitset(int(r.count))
	}
	first := 0
	for i, typ := range nodes.typ {
		switch typ {
		case Closure, Code:
			r.code.add(nodes.name[i])
		case Object:
			r.classes.add(nodes.name[i])
		case Hidden, Array, Native, Synthetic, Symbol, ObjectShape:
			r.fixed.add(nodes.name[i])
		}
		last := min(len(edges.link), first+int(nodes.edges[i])) // edges holds counts while the file is read
		r.ofEdges(edges, first, last, typ == Object)
		first = last
	}
	return r
}

// ofEdges are the roles of the names of one node's edges. An object with very
// many properties is a dictionary, whose keys are data.
func (r *roles) ofEdges(edges *edgeColumns, first, last int, object bool) {
	dictionary := object && last-first > mostNames
	for i := first; i < last; i++ {
		switch EdgeType(edges.link[i] & 7) {
		case PropertyEdge:
			if !dictionary {
				r.properties.add(edges.name[i])
			}
		case ContextEdge:
			r.code.add(edges.name[i])
		case InternalEdge, ShortcutEdge, WeakEdge:
			r.internal.add(edges.name[i])
		}
	}
}

// redact returns the text of a string as the copy has it, quoted.
func (r *roles) redact(i uint32, text []byte) []byte {
	inner := string(text[1 : len(text)-1])
	if i >= r.count { // the function or the script of an allocation
		return redactScript(inner, codeName.MatchString(inner))
	}
	switch {
	case r.fixed.has(i) && !strings.Contains(inner, "://"), // a context is called by its origin, too
		r.classes.has(i) && isClass(inner),
		r.properties.has(i) && isKey(inner):
		return text
	case r.internal.has(i):
		return redactEntry(text)
	case r.code.has(i):
		return redactScript(inner, codeName.MatchString(inner))
	}
	return filler(text)
}

var (
	// codeName is what V8 calls functions and variables, and itself in parentheses.
	codeName = regexp.MustCompile("^(?:(?:[gs]et )?[\\w$#.<>\\[\\]&'+`-]{0,100}|\\(.*\\)|system / \\w+|\\w+ Iterator)$")
	// className is what objects are called: by a class, or by V8 and Node.
	className = regexp.MustCompile(`^(?:system / )?([\w$#.-]{1,100})(?:(?: String)? (?:Iterator|AsyncIterator|Helper)| \(global\*?\))?$`)
	// scriptName is where code comes from, without what follows a path and may be data.
	scriptName = regexp.MustCompile(`^(?:(?:node|file|https?|webpack|webpack-internal):|/|\.{1,2}/|[A-Za-z]:\\|\[|evalmachine\.|[^?#]*\.(?:[cm]?[jt]sx?|json|node|wasm)(?:$|[?#]))`)
	userinfo   = regexp.MustCompile(`//[^/?#]*@`)
)

// isClass reports whether an object's name can be that of a class, rather than a
// text that the program calls its objects by (Symbol.toStringTag).
func isClass(name string) bool {
	parts := className.FindStringSubmatch(name)
	return len(parts) > 1 && !isRandom(parts[1])
}

// isKey reports whether a property, an accessor or a symbol has a name from code.
func isKey(name string) bool {
	for _, accessor := range []string{"get ", "set "} {
		name = strings.TrimPrefix(name, accessor)
	}
	if symbol, ok := strings.CutPrefix(name, "<symbol "); ok {
		name = strings.TrimPrefix(strings.TrimSuffix(symbol, ">"), "Symbol.")
	}
	return isName(name)
}

// redactScript keeps the name of a function, or of a script as far as its path.
func redactScript(inner string, function bool) []byte {
	if function {
		return []byte(`"` + inner + `"`)
	}
	if !scriptName.MatchString(inner) {
		return filler([]byte(`"` + inner + `"`))
	}
	end := strings.IndexAny(inner, "?#")
	if end < 0 {
		end = len(inner)
	}
	path := userinfo.ReplaceAllString(inner[:end], "//xxx@")
	query := filler([]byte(`"` + inner[end:] + `"`))
	return slices.Concat([]byte(`"`+path), query[1:])
}

// entryName is the name of an edge to the value of a WeakMap's entry. What the
// key and the value are called may be data; the rest is what the edges are known
// by.
var entryName = regexp.MustCompile(`^("(?:\d+ / )?part of key \()(.*)( @\d+\) -> value \()(.*)( @\d+\) pair in WeakMap \(.*)$`)

func redactEntry(text []byte) []byte {
	parts := entryName.FindSubmatch(text)
	if parts == nil {
		return text
	}
	for _, i := range []int{2, 4} {
		if !isClass(string(parts[i])) {
			quoted := filler(slices.Concat([]byte{'"'}, parts[i], []byte{'"'}))
			parts[i] = quoted[1 : len(quoted)-1]
		}
	}
	return bytes.Join(parts[1:], nil)
}
