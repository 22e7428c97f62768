package draft

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/leakcheck/leakcheck/loadgen/infile"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// artillery is as much of an Artillery script as its requests need.
type artillery struct {
	Config struct {
		Target    string
		Phases    []map[string]any
		Variables map[string]any
		Defaults  struct{ Headers map[string]any }
		HTTP      struct {
			Defaults struct{ Headers map[string]any }
		}
	}
	Scenarios []artilleryScenario
	Before    struct{ Flow []map[string]any }
}

type artilleryScenario struct {
	Name   string
	Weight float64
	Engine string
	Flow   []map[string]any
}

func fromArtillery(path string) (*Draft, error) {
	text, err := infile.Read(path, maxSource)
	if err != nil {
		return nil, err
	}
	var in artillery
	if err := yaml.Unmarshal(text, &in); err != nil {
		return nil, errors.New("read Artillery script: " + yaml.FormatError(err, false, false))
	}
	r := artilleryReader{hidden: masked{}, base: withoutHost(in.Config.Target, nil), defaults: in.Config.Defaults.Headers, known: map[string]string{}}
	if len(in.Config.HTTP.Defaults.Headers) > 0 {
		r.defaults = in.Config.HTTP.Defaults.Headers
	}
	for name, v := range in.Config.Variables {
		r.known[name] = printedJSON(v)
	}
	d := &Draft{From: "the Artillery script " + filepath.Base(path)}
	d.Setup = r.steps(in.Before.Flow)
	rate, total := arrivals(in.Config.Phases), 0.0
	for _, s := range in.Scenarios {
		total += max(s.Weight, 1)
	}
	for i, s := range in.Scenarios {
		if s.Engine != "" && s.Engine != "http" {
			r.left.add("of a scenario for the engine " + s.Engine)
			continue
		}
		e := r.endpoint(s.Flow)
		if e == nil {
			continue
		}
		e.Name = firstOf(s.Name, e.Name, fmt.Sprintf("scenario %d", i+1))
		e.Rate = unit.PerSecond(rate * max(s.Weight, 1) / total)
		d.Endpoints = append(d.Endpoints, *e)
	}
	r.left.tell(d)
	d.tellHidden(r.hidden)
	return d, nil
}

// arrivals are the users that the longest phase starts each second.
func arrivals(phases []map[string]any) float64 {
	rate, longest := 0.0, 0.0
	for _, p := range phases {
		for _, key := range []string{"arrivalRate", "rampTo"} {
			if v := number(p[key]); v > 0 && number(p["duration"]) >= longest {
				rate, longest = v, number(p["duration"])
			}
		}
		if n, d := number(p["arrivalCount"]), number(p["duration"]); n > 0 && d > longest {
			rate, longest = n/d, d
		}
	}
	return rate
}

// number reads a number, or a time as 5m in seconds.
func number(v any) float64 {
	switch v := v.(type) {
	case uint64:
		return float64(v)
	case int64:
		return float64(v)
	case float64:
		return v
	case string:
		if d, err := time.ParseDuration(strings.ReplaceAll(v, " ", "")); err == nil {
			return d.Seconds()
		}
	}
	return 0
}

type artilleryReader struct {
	hidden   masked
	base     string
	defaults map[string]any
	known    map[string]string // variables with a value
	captured []string
	left     leftOut
}

// endpoint is a flow, or a request when it has one only.
func (r *artilleryReader) endpoint(flow []map[string]any) *Endpoint {
	r.captured = nil
	steps := r.steps(flow)
	switch {
	case len(steps) == 0:
		return nil
	case len(steps) == 1 && len(steps[0].Capture) == 0 && steps[0].Think == 0:
		return &steps[0].Endpoint
	}
	e := &Endpoint{Flow: steps}
	for i := range steps {
		e.Name = steps[0].Name + " and more"
		for _, b := range steps[i].Blanks {
			e.Blanks = append(e.Blanks, b+" ("+steps[i].Name+")")
		}
		steps[i].Blanks = nil
	}
	return e
}

func (r *artilleryReader) steps(flow []map[string]any) []Step {
	var all []Step
	for _, step := range flow {
		for key, v := range step {
			method := strings.ToUpper(key)
			inner, _ := v.(map[string]any)
			switch {
			case known(method) && inner != nil:
				all = append(all, r.step(method, inner))
			case key == "think" && len(all) > 0:
				all[len(all)-1].Think = time.Duration(number(v) * float64(time.Second))
			case key == "loop":
				if list, ok := v.([]any); ok {
					all = append(all, r.steps(mapsOf(list))...)
					r.left.add("of a loop beyond its first round")
				}
			case key == "log", key == "think", key == "count", key == "over", key == "whileTrue", key == "name":
			default:
				r.left.add("or step of the kind " + key)
			}
		}
	}
	return all
}

func mapsOf(list []any) []map[string]any {
	var all []map[string]any
	for _, item := range list {
		if m, ok := item.(map[string]any); ok {
			all = append(all, m)
		}
	}
	return all
}

func (r *artilleryReader) step(method string, q map[string]any) Step {
	s := Step{Endpoint: Endpoint{Method: method}}
	address := withoutHost(printedJSON(q["url"]), nil)
	path, query, _ := strings.Cut(address, "?")
	s.Name = method + " " + path
	s.Path = strings.TrimSuffix(r.base, "/") + r.text(path, same)
	pairs := []string{}
	if query != "" {
		pairs = append(pairs, r.text(query, same))
	}
	qs, _ := q["qs"].(map[string]any)
	for _, name := range sorted(qs) {
		pairs = append(pairs, url.QueryEscape(name)+"="+r.value(name, printedJSON(qs[name]), url.QueryEscape))
	}
	if len(pairs) > 0 {
		s.Path += "?" + strings.Join(pairs, "&")
	}
	own, _ := q["headers"].(map[string]any)
	for _, headers := range []map[string]any{own, r.defaults} {
		for _, name := range sorted(headers) {
			if !isTransport(name) {
				s.addHeader(Header{name, r.value(name, printedJSON(headers[name]), same)})
			}
		}
	}
	r.body(&s, q)
	captures, _ := q["capture"].([]any)
	if one, ok := q["capture"].(map[string]any); ok {
		captures = []any{one}
	}
	for _, c := range mapsOf(captures) {
		r.capture(&s, c)
	}
	return s
}

func sorted(m map[string]any) []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (r *artilleryReader) body(s *Step, q map[string]any) {
	switch {
	case q["json"] != nil:
		text, err := json.Marshal(q["json"])
		if err != nil {
			return
		}
		s.Body = r.text(maskedJSON(r.hidden, string(text)), same)
		s.addHeader(Header{"Content-Type", "application/json"})
	case q["form"] != nil:
		form, _ := q["form"].(map[string]any)
		var pairs []string
		for _, name := range sorted(form) {
			pairs = append(pairs, url.QueryEscape(name)+"="+r.value(name, printedJSON(form[name]), url.QueryEscape))
		}
		s.Body = strings.Join(pairs, "&")
		s.addHeader(Header{"Content-Type", "application/x-www-form-urlencoded"})
	case q["formData"] != nil:
		form, _ := q["formData"].(map[string]any)
		for _, name := range sorted(form) {
			s.Parts = append(s.Parts, Part{Name: name, Value: r.value(name, printedJSON(form[name]), same)})
		}
	case q["body"] != nil:
		s.Body = r.text(printedJSON(q["body"]), same)
	}
}

// jsonPath is what names a field without conditions: $.user.id or $[0].id.
var jsonPath = regexp.MustCompile(`^\$?((?:\.?\w+|\[\d+\])+)$`)

func (r *artilleryReader) capture(s *Step, c map[string]any) {
	name, path := printedJSON(c["as"]), printedJSON(c["json"])
	m := jsonPath.FindStringSubmatch(strings.TrimPrefix(path, "$"))
	if name == "" || m == nil {
		s.Blanks = append(s.Blanks, "what it captures as "+name+", which is no path of JSON")
		return
	}
	r.captured = append(r.captured, name)
	s.Capture = append(s.Capture, Capture{name, "/" + strings.Join(memberName.FindAllString(m[1], -1), "/")})
}

// artilleryVariable is {{ name }} or {{ $randomString() }}.
var artilleryVariable = regexp.MustCompile(`\{\{\s*([^{}]+?)\s*\}\}`)

func (r *artilleryReader) text(s string, escape func(string) string) string {
	var b strings.Builder
	from := 0
	for _, at := range artilleryVariable.FindAllStringSubmatchIndex(s, -1) {
		b.WriteString(literal(escape(s[from:at[0]])))
		from = at[1]
		name := s[at[2]:at[3]]
		value, known := r.known[name]
		switch {
		case slices.Contains(r.captured, name):
			b.WriteString(`{{capture "` + name + `"}}`)
		case strings.HasPrefix(name, "$uuid"), strings.HasPrefix(name, "$guid"):
			b.WriteString("{{uuid}}")
		case strings.HasPrefix(name, "$randomNumber"):
			b.WriteString(randInt(1, 100))
		case strings.HasPrefix(name, "$env."), strings.HasPrefix(name, "$processEnvironment."):
			b.WriteString(r.hidden.variable(name[strings.Index(name, ".")+1:]))
		case strings.HasPrefix(name, "$"):
			b.WriteString("{{randString 8}}")
		case known && !secret(name, value):
			b.WriteString(literal(escape(value)))
		default:
			b.WriteString(r.hidden.variable(name))
		}
	}
	return b.String() + literal(escape(s[from:]))
}

func (r *artilleryReader) value(name, v string, escape func(string) string) string {
	if !artilleryVariable.MatchString(v) && v != "" && secret(name, v) {
		return r.hidden.variable(name)
	}
	return r.text(v, escape)
}
