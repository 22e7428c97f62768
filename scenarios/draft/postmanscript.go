package draft

import (
	"encoding/json"
	"regexp"
	"strings"
)

// sets is a script that keeps a value of an answer, as logins do.
var sets = regexp.MustCompile(`pm\.(?:environment|collectionVariables|globals|variables)\.set\(\s*["'](\w+)["']\s*,\s*\w+(?:\.json\(\))?((?:\.\w+|\[\s*["']\w+["']\s*\])+)`)

var oldSets = regexp.MustCompile(`postman\.set(?:Environment|Global)Variable\(\s*["'](\w+)["']\s*,\s*\w+((?:\.\w+|\[\s*["']\w+["']\s*\])+)`)

var memberName = regexp.MustCompile(`\w+`)

// events reads the scripts of a request: what it keeps of its answer, which
// makes it one of the setup. Other scripts are told.
func (r *postmanReader) events(events []postmanEvent, e *Endpoint) []Capture {
	var captures []Capture
	for _, event := range events {
		code := script(event.Script.Exec)
		if strings.TrimSpace(code) == "" {
			continue
		}
		if event.Listen == "prerequest" {
			if e != nil {
				e.Blanks = append(e.Blanks, "what its pre-request script does, which is not run")
			} else {
				r.d.note("a pre-request script of the collection is not run: what it sets belongs in setup: or in the environment")
			}
			continue
		}
		for _, m := range append(sets.FindAllStringSubmatch(code, -1), oldSets.FindAllStringSubmatch(code, -1)...) {
			members := memberName.FindAllString(m[2], -1)
			if members[0] == "json" || members[0] == "headers" || e == nil {
				continue
			}
			if !r.captured[m[1]] {
				r.captured[m[1]] = true
				captures = append(captures, Capture{m[1], "/" + strings.Join(members, "/")})
			}
		}
	}
	return captures
}

// script is the code of an event: a text, or lines.
func script(raw json.RawMessage) string {
	var lines []string
	if json.Unmarshal(raw, &lines) == nil {
		return strings.Join(lines, "\n")
	}
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return ""
	}
	return text
}
