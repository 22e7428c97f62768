package diagnose

import (
	"strings"

	"github.com/leakcheck/leakcheck/sampler/evidence"
)

// Fix is what to write instead, in the names of the app where they are known.
type Fix struct {
	Before string `json:"before"` // the line that keeps, or one like it
	After  string `json:"after"`
}

// Remedy is the suspect's Fix, or else what is usually written. It is nil where the
// pattern is only inferred.
func (s *Suspect) Remedy() *Fix {
	if about := s.Pattern.Advice(); s.Fix == nil && s.Confidence != Low && about.Before != "" {
		return &Fix{Before: about.Before, After: about.After}
	}
	return s.Fix
}

// mend gives a suspect the code that it is about, and what to write instead.
// Where it is only inferred, nobody is told what to write.
func (c *clues) mend(s *Suspect) {
	s.Excerpt = c.ExcerptOf(&s.At)
	if s.Confidence == Low {
		return
	}
	about := s.Pattern.Advice()
	f := Fix{Before: about.Before, After: about.After}
	text := ""
	if s.Excerpt != nil {
		text = strings.TrimSpace(s.Excerpt.Text())
	}
	switch {
	case s.Within != nil:
		if text != "" {
			f.Before = text
		}
		f.After = "limit what " + s.Within.Package + " keeps by its options, make one instance for all requests, or update it: it keeps at " + s.Within.Place()
	case text == "":
	default:
		if own := s.removal(text); own != "" {
			f = Fix{Before: text, After: own}
		}
	}
	s.Fix = &f
}

// removal is the code that takes out again what a line puts in, chosen by the
// kind of the container; "" where the line does not tell.
func (s *Suspect) removal(text string) string {
	if s.Holder == nil || s.Holder.Name == "" {
		return ""
	}
	name := s.Holder.Name
	method, args, called := call(text, name)
	switch {
	case s.kind == evidence.Map && called && len(args) > 0:
		return name + ".delete(" + args[0] + ") when it is done with, or a limit: if (" + name + ".size > 1000) " + name + ".delete(" + name + ".keys().next().value);"
	case s.kind == evidence.Set && called && len(args) > 0:
		return name + ".delete(" + args[0] + ") when it is done with, or a limit: if (" + name + ".size > 1000) " + name + ".delete(" + name + ".values().next().value);"
	case s.kind == evidence.Array && called:
		return name + "." + method + "(" + strings.Join(args, ", ") + "); if (" + name + ".length > 1000) " + name + ".shift();"
	case s.kind == evidence.Emitter && called && len(args) > 1 && isReference(args[1]):
		return "when the request ends: " + name + ".off(" + args[0] + ", " + args[1] + ");"
	case s.kind == evidence.Emitter && called && len(args) > 1:
		return "const listener = " + args[1] + "; " + name + "." + method + "(" + args[0] + ", listener); and when the request ends: " + name + ".off(" + args[0] + ", listener);"
	case s.kind == evidence.Target && called && len(args) > 1 && isReference(args[1]):
		return "when the request ends: " + name + ".removeEventListener(" + args[0] + ", " + args[1] + ");"
	case s.kind == evidence.Object:
		if key := index(text, name); key != "" {
			return "delete " + name + "[" + key + "] when it is done with, or a Map with a limit"
		}
	}
	return ""
}

// isReference reports whether an argument names something that is there, and is no
// function written in place.
func isReference(arg string) bool {
	return arg != "" && !strings.ContainsAny(arg, "(){}=> ")
}

// call finds the call of a container's method in a line, and the arguments that
// stand on it in whole.
func call(text, name string) (method string, args []string, ok bool) {
	_, rest, found := strings.Cut(text, name+".")
	if !found {
		return "", nil, false
	}
	method, rest, found = strings.Cut(rest, "(")
	if !found || strings.ContainsAny(method, " =;,)[") {
		return "", nil, false
	}
	for rest != "" {
		arg, after, ended := argument(rest)
		if arg == "" {
			break
		}
		args = append(args, arg)
		if rest = after; ended {
			return method, args, true
		}
	}
	return method, args, true
}

// argument cuts the first argument off a text; "" where it goes on on the next line.
// Ended says that it is the last one.
func argument(text string) (arg, rest string, ended bool) {
	depth, quote := 0, byte(0)
	for i := range len(text) {
		switch c := text[i]; {
		case quote != 0:
			if c == quote && text[i-1] != '\\' {
				quote = 0
			}
		case c == '\'' || c == '"' || c == '`':
			quote = c
		case c == '(' || c == '[' || c == '{':
			depth++
		case depth > 0 && (c == ')' || c == ']' || c == '}'):
			depth--
		case depth == 0 && (c == ',' || c == ')'):
			return strings.TrimSpace(text[:i]), text[i+1:], c == ')'
		}
	}
	return "", "", false
}

// index is the key by which a line assigns to a container: "id" of sent[id] = x.
func index(text, name string) string {
	_, rest, found := strings.Cut(text, name+"[")
	if !found {
		return ""
	}
	depth := 0
	for i := range len(rest) {
		switch rest[i] {
		case '[':
			depth++
		case ']':
			if depth == 0 {
				return rest[:i]
			}
			depth--
		}
	}
	return ""
}
