package draft

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// Blank marks what the scenario's user has to fill in.
const Blank = "FILL IN"

// YAML prints the draft as a scenario file.
func (d *Draft) YAML() []byte {
	w := &writer{}
	w.line("# A first scenario, drafted by leakcheck init from %s.", clean(d.From))
	w.line("# Lines marked %s are guesses or blanks: look at them before the first run.", Blank)
	w.line("# Then: leakcheck validate FILE, and leakcheck run FILE.")
	for _, n := range d.Notes {
		w.comment("# Note: ", n)
	}
	w.line("version: 1")
	w.line("name: %s", quoted(clean(d.Name)))
	w.app(&d.App)
	w.line("")
	w.line("# Growth allowed to each endpoint, in memory per hour of production traffic.")
	w.line("budget: 5 MB/h")
	w.setup(d.Setup)
	w.line("")
	w.line("endpoints:")
	for i := range d.Endpoints {
		w.endpoint(&d.Endpoints[i])
	}
	if n := d.Running(); time.Duration(n)*perEndpoint*2 > 5*time.Minute {
		w.line("")
		w.line("# The default of 5m is short for %d endpoints.", n)
		w.line("run: {max_duration: %s}", strings.TrimSuffix((time.Duration(n)*perEndpoint*2).Round(time.Minute).String(), "0s"))
	}
	return []byte(w.String())
}

type writer struct{ strings.Builder }

func (w *writer) line(format string, args ...any) {
	w.WriteString(strings.TrimRight(fmt.Sprintf(format, args...), " ") + "\n")
}

// comment wraps text behind a prefix that begins with #.
func (w *writer) comment(prefix, text string) {
	const width = 100
	line := prefix
	for word := range strings.FieldsSeq(clean(text)) {
		if len(line)+len(word) > width && line != prefix {
			w.line("%s", line)
			line = prefix[:strings.Index(prefix, "#")+1] + " "
		}
		line += word + " "
	}
	w.line("%s", line)
}

func (w *writer) app(a *App) {
	w.line("target:")
	for _, c := range a.Comments {
		w.comment("  # ", c)
	}
	if !a.Known {
		w.line("  # %s: the command that starts the server, as a list; no shell.", Blank)
	}
	words := make([]string, len(a.Command))
	for i, c := range a.Command {
		words[i] = quoted(c)
	}
	w.line("  command: [%s]", strings.Join(words, ", "))
	if a.Dir != "" {
		w.line("  dir: %s", quoted(a.Dir))
	}
	if len(a.Env) > 0 {
		w.line("  env:")
		for _, name := range slices.Sorted(maps.Keys(a.Env)) {
			w.line("    %s: %s", name, quoted(a.Env[name]))
		}
	}
	if a.Port != 0 {
		w.line("  port: %d", a.Port)
	}
	if a.Ready != "" {
		w.line("  ready: {path: %s}", quoted(a.Ready))
	} else {
		w.line("  # Ready when its port listens. Better, if it has one: ready: {path: /healthz}")
	}
}

// setup prints the requests that come before the load.
func (w *writer) setup(steps []Step) {
	if len(steps) == 0 {
		return
	}
	w.line("")
	w.line("# Sent once, before the load.")
	w.line("setup:")
	w.steps(steps)
}

// steps prints requests in order, as the setup has them.
func (w *writer) steps(steps []Step) {
	for i := range steps {
		s := &steps[i]
		w.remarks(&s.Endpoint)
		w.line("  - request: %s", quoted(s.Method+" "+s.Path))
		w.message(&s.Endpoint)
		if len(s.Capture) > 0 {
			w.line("    capture:")
		}
		for _, c := range s.Capture {
			w.line("      %s: {json: %s}", c.Name, quoted(c.JSON))
		}
		if s.Think > 0 {
			w.line("    think: %v", s.Think)
		}
	}
}

// flow prints the steps of an endpoint, deeper than those of the setup.
func (w *writer) flow(steps []Step) {
	var one writer
	one.steps(steps)
	w.line("    flow:")
	for text := range strings.Lines(one.String()) {
		w.WriteString("    " + text)
	}
}

// endpoint prints one entry; one that is off, as a comment.
func (w *writer) endpoint(e *Endpoint) {
	var one writer
	one.entry(e)
	if e.Off == "" {
		w.WriteString(one.String())
		return
	}
	w.comment("  # Off: ", e.Off+".")
	for text := range strings.Lines(one.String()) {
		w.WriteString("  # " + strings.TrimPrefix(text, "  "))
	}
}

func (w *writer) entry(e *Endpoint) {
	w.remarks(e)
	w.line("  - name: %s", quoted(e.Name))
	if len(e.Flow) > 0 {
		w.flow(e.Flow)
	} else {
		w.line("    request: %s", quoted(e.Method+" "+e.Path))
		w.message(e)
	}
	if e.Rate > 0 {
		w.line("    rate: %s", rateText(e.Rate))
	} else {
		w.line("    rate: 10/s # %s: production's requests for it, as 20/s or 300/min", Blank)
	}
	if tags := tagList(e.Tags); tags != "" {
		w.line("    tags: [%s]", tags)
	}
}

// tagList is those tags that a scenario takes, as entries of a list.
func tagList(tags []string) string {
	const longest = 100 // bytes, of any name in a scenario
	var out []string
	for _, tag := range tags {
		if tag = clean(tag); tag != "" && len(tag) <= longest {
			out = append(out, quoted(tag))
		}
	}
	return strings.Join(out, ", ")
}

// remarks are the comments before an entry.
func (w *writer) remarks(e *Endpoint) {
	for _, c := range e.Comments {
		w.comment("  # ", c)
	}
	for _, b := range e.Blanks {
		w.comment("  # "+Blank+": ", b)
	}
}

// message is what is sent beside the request line, and what is expected.
func (w *writer) message(e *Endpoint) {
	if len(e.Headers) > 0 {
		w.line("    headers:")
		for _, h := range e.Headers {
			w.line("      %s: %s", h.Name, quoted(h.Value))
		}
	}
	if e.Body != "" {
		w.line("    body: %s", quoted(e.Body))
	}
	if len(e.Parts) > 0 {
		w.line("    multipart:")
	}
	for _, p := range e.Parts {
		switch {
		case p.File == "":
			w.line("      - {name: %s, value: %s}", quoted(p.Name), quoted(p.Value))
		case p.Type == "":
			w.line("      - {name: %s, size: 10 KiB, filename: %s}", quoted(p.Name), quoted(p.File))
		default:
			w.line("      - {name: %s, size: 10 KiB, filename: %s, type: %s}", quoted(p.Name), quoted(p.File), quoted(p.Type))
		}
	}
	if e.Expect != "" {
		w.line("    expect: %s", e.Expect)
	}
}

// rateText prints a rate in the unit that keeps its digits.
func rateText(r unit.PerSecond) string {
	for _, u := range []struct {
		name    string
		seconds float64
	}{{"s", 1}, {"min", 60}, {"h", 3600}, {"d", 86400}} {
		if v := float64(r) * u.seconds; v >= 1 || u.name == "d" {
			return strconv.FormatFloat(round3(v), 'f', -1, 64) + "/" + u.name
		}
	}
	return ""
}

func round3(v float64) float64 {
	r, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 3, 64), 64) // FormatFloat's output
	return r
}

// plain is text that YAML reads as it stands, in flow and in block style.
func plain(s string) bool {
	if s == "" || strings.TrimLeft(s[:1], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ/.") != "" {
		return false
	}
	for _, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("/._- ", r) {
			return false
		}
	}
	switch strings.ToLower(s) {
	case "true", "false", "yes", "no", "on", "off", "null", "y", "n":
		return false
	}
	return !strings.HasSuffix(s, " ") && !startsAsNumber(s)
}

func startsAsNumber(s string) bool {
	_, err := strconv.ParseFloat(s, 64) // "Inf", ".5", "NaN"
	return err == nil || strings.HasPrefix(s, ".")
}

// quoted prints text as a YAML scalar: plain where that is safe, in single
// quotes where it has no line break, else in double quotes.
func quoted(s string) string {
	switch {
	case plain(s):
		return s
	case strings.ContainsFunc(s, func(r rune) bool {
		return r < ' ' || r == 0x7f || r == 0x85 || r == 0x2028 || r == 0x2029 || r == 0xfeff || !unicode.IsPrint(r) && r != ' '
	}):
		return doubleQuoted(s)
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

func doubleQuoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case r < ' ' || !unicode.IsPrint(r) && r != ' ':
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// clean makes text fit for one line.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == 0xfeff || r == unicode.ReplacementChar {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, " "))
	return strings.Join(strings.Fields(s), " ")
}
