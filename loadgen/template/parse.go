package template

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// The delimiters of an action.
const (
	opening = "{{"
	closing = "}}"
)

// maxRandString bounds {{randString n}}, in bytes: no request is meant to be
// larger.
const maxRandString = 16 << 20

// A builder makes a part of an action's arguments. The error is about them and
// has no position.
type builder func(args []arg) (part, error)

var requestActions = map[string]builder{
	"seq":        plain(seq),
	"uuid":       plain(uuid),
	"randInt":    buildRandInt,
	"randString": buildRandString,
	"pick":       buildPick,
	"env":        buildEnv,
	"capture":    buildCapture,
	"data":       buildData,
}

var targetActions = map[string]builder{
	"port":    plain(port),
	"env":     buildEnv,
	"service": buildService,
}

// Parse compiles text of a request. The error is an *Error.
func Parse(s string) (*Template, error) { return parse(s, requestActions) }

// ParseTarget compiles an argument of the target's command, or a value of its
// environment, where only {{port}}, {{env "NAME"}} and {{service "NAME"}} are known. The error is
// an *Error.
func ParseTarget(s string) (*Template, error) { return parse(s, targetActions) }

func parse(s string, known map[string]builder) (*Template, error) {
	t := &Template{source: s}
	for at := 0; at < len(s); {
		start := strings.Index(s[at:], opening)
		if start < 0 {
			t.literal(s[at:])
			break
		}
		t.literal(s[at : at+start])
		p, end, err := parseAction(s, at+start, known)
		if err != nil {
			return nil, err
		}
		t.add(p)
		at = end
	}
	t.static = !slices.ContainsFunc(t.parts, func(p part) bool { return p.kind != literal && p.kind != env })
	return t, nil
}

func (t *Template) add(p part) {
	if p.kind == literal {
		t.literal(p.text)
		return
	}
	t.parts = append(t.parts, p)
}

// literal adds text, joined to the text before it.
func (t *Template) literal(text string) {
	if text == "" {
		return
	}
	if n := len(t.parts); n > 0 && t.parts[n-1].kind == literal {
		t.parts[n-1].text += text
		return
	}
	t.parts = append(t.parts, part{kind: literal, text: text})
}

// parseAction reads the action that opens at start and returns the offset
// after it.
func parseAction(s string, start int, known map[string]builder) (p part, end int, err error) {
	args, end, err := scan(s, start)
	if err != nil {
		return part{}, 0, err
	}
	if len(args) == 0 {
		return part{}, 0, &Error{start, "empty action {{}}"}
	}
	head := args[0]
	if head.kind == quoted && len(args) == 1 {
		return part{kind: literal, text: head.text}, end, nil
	}
	build, ok := known[head.text]
	if head.kind != word || !ok {
		return part{}, 0, &Error{head.offset, unknown(head, known)}
	}
	p, err = build(args[1:])
	if err != nil {
		return part{}, 0, &Error{head.offset, err.Error()}
	}
	p.offset = start
	if p.kind == env {
		p.value = []byte(s[start:end])
	}
	return p, end, nil
}

func unknown(head arg, known map[string]builder) string {
	names := strings.Join(slices.Sorted(maps.Keys(known)), ", ")
	if _, target := targetActions[head.text]; head.kind == word && target {
		return fmt.Sprintf("{{%s}} is known in the target's command and env only", head.text)
	}
	_, request := requestActions[head.text]
	if head.kind == word && request {
		return fmt.Sprintf("{{%s}} is known in requests only; here: %s", head.text, names)
	}
	return fmt.Sprintf("unknown action %s; known: %s", head.source, names)
}

func plain(k kind) builder {
	return func(args []arg) (part, error) {
		if len(args) > 0 {
			return part{}, fmt.Errorf("takes no argument, got %s", args[0].source)
		}
		return part{kind: k}, nil
	}
}

func buildRandInt(args []arg) (part, error) {
	low, high := int64(0), int64(0)
	if err := integers("randInt 1 6", args, &low, &high); err != nil {
		return part{}, err
	}
	if low > high {
		return part{}, fmt.Errorf("randInt: %d is more than %d", low, high)
	}
	return part{kind: randInt, low: low, high: high}, nil
}

func buildRandString(args []arg) (part, error) {
	n := int64(0)
	if err := integers("randString 12", args, &n); err != nil {
		return part{}, err
	}
	if n < 1 || n > maxRandString {
		return part{}, fmt.Errorf("randString: length %d is not within 1 and %d", n, maxRandString)
	}
	return part{kind: randString, low: n}, nil
}

// integers reads as many integers as there are destinations, no more and no
// fewer.
func integers(example string, args []arg, dst ...*int64) error {
	if len(args) != len(dst) {
		return fmt.Errorf("wants %d integers, as in {{%s}}; got %d", len(dst), example, len(args))
	}
	for i, a := range args {
		n, err := strconv.ParseInt(a.text, 10, 64)
		if err != nil || a.kind != word {
			return fmt.Errorf("wants integers, as in {{%s}}; got %s", example, a.source)
		}
		*dst[i] = n
	}
	return nil
}

func buildPick(args []arg) (part, error) {
	p := part{kind: pick}
	for _, a := range args {
		if a.kind != quoted {
			return p, fmt.Errorf(`wants quoted texts, as in {{pick "a" "b"}}; got %s`, a.source)
		}
		p.choices = append(p.choices, a.text)
	}
	if len(p.choices) == 0 {
		return p, errors.New(`wants quoted texts, as in {{pick "a" "b"}}`)
	}
	return p, nil
}

func buildEnv(args []arg) (part, error) { return named(env, `env "TOKEN"`, args) }

func buildService(args []arg) (part, error) { return named(service, `service "db"`, args) }

func buildCapture(args []arg) (part, error) { return named(capture, `capture "token"`, args) }

func buildData(args []arg) (part, error) { return named(data, `data "column"`, args) }

// named makes a part of an action with one quoted name.
func named(k kind, example string, args []arg) (part, error) {
	if len(args) != 1 || args[0].kind != quoted || args[0].text == "" {
		return part{}, fmt.Errorf("wants one quoted name, as in {{%s}}", example)
	}
	return part{kind: k, text: args[0].text}, nil
}
