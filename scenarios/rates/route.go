package rates

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// Route is requests that differ only in what varies: /users/1 and /users/2.
type Route struct {
	Method   string
	Segments []Segment
	Query    map[string]*Values
	Count    float64
	Failed   float64 // answered 4xx or 5xx
}

// Segment is what stands between two slashes of a path. Text is that of a
// Literal; Values are those of all others.
type Segment struct {
	Kind   Kind
	Text   string
	Values Values
}

// Name prints the route as a pattern: GET /users/{number}.
func (r *Route) Name() string { return r.Method + " " + r.Pattern() }

// Pattern prints the path as a pattern: /users/{number}.
func (r *Route) Pattern() string {
	var b strings.Builder
	for _, s := range r.Segments {
		b.WriteString("/" + s.Label())
	}
	return b.String()
}

// Label is what stands for s in a pattern: {number}, or its text.
func (s Segment) Label() string {
	return [...]string{Literal: s.Text, Number: "{number}", UUID: "{uuid}", Token: "{id}", Text: "{text}"}[s.Kind]
}

// Grouper makes routes of requests.
type Grouper struct {
	routes map[string]*Route
}

// crowd is how many words in one place are too many to be names of routes.
const crowd = 20

// maxRoutes is when words are looked through for crowds, which bounds memory.
const maxRoutes = 20_000

// Add counts a request, whose path may have a query.
func (g *Grouper) Add(h Hit) *Route {
	if g.routes == nil {
		g.routes = map[string]*Route{}
	}
	path, query, _ := strings.Cut(h.Path, "?")
	one := &Route{Method: h.Method}
	for _, text := range strings.Split(strings.TrimPrefix(path, "/"), "/") {
		s := Segment{Kind: KindOf(text)}
		if s.Kind == Text {
			s = Segment{Text: text}
		} else if h.Status < 400 {
			s.Values.add(text)
		}
		one.Segments = append(one.Segments, s)
	}
	r := g.routes[one.Name()]
	if r == nil {
		if len(g.routes) >= maxRoutes {
			g.merge()
		}
		r = &Route{Method: h.Method, Segments: one.Segments, Query: map[string]*Values{}}
		g.routes[one.Name()] = r
	} else {
		r.joinSegments(one)
	}
	r.Count += h.Count
	if h.Status >= 400 {
		r.Failed += h.Count
	}
	if h.Status < 400 {
		r.addQuery(query)
	}
	return r
}

// split cuts a path into segments, for what matches requests with endpoints: a
// slash at the end counts for nothing there.
func split(path string) []string {
	path = strings.TrimPrefix(path, "/")
	if len(path) > 1 {
		path = strings.TrimSuffix(path, "/")
	}
	return strings.Split(path, "/")
}

// maxParams bounds the query parameters that are kept of one route.
const maxParams = 20

func (r *Route) addQuery(query string) {
	params, _ := url.ParseQuery(query) // what is broken is left out
	for _, name := range slices.Sorted(maps.Keys(params)) {
		if r.Query[name] == nil && len(r.Query) < maxParams {
			r.Query[name] = &Values{}
		}
		if v := r.Query[name]; v != nil {
			v.add(params[name][0])
		}
	}
}

func (r *Route) joinSegments(o *Route) {
	for i := range r.Segments {
		if s := &r.Segments[i]; s.Kind != Literal {
			s.Values.join(o.Segments[i].Values)
		}
	}
}

// Routes lists what was added, the most frequent first.
func (g *Grouper) Routes() []*Route {
	g.merge()
	return slices.SortedFunc(maps.Values(g.routes), func(a, b *Route) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Name(), b.Name()))
	})
}

// merge makes one route of those that differ in one segment only, where these
// are a crowd: names of products, say.
func (g *Grouper) merge() {
	depth := 0
	for _, r := range g.routes {
		depth = max(depth, len(r.Segments))
	}
	for i := range depth {
		g.mergeAt(i)
	}
}

func (g *Grouper) mergeAt(i int) {
	alike := map[string][]*Route{}
	for _, name := range slices.Sorted(maps.Keys(g.routes)) {
		r := g.routes[name]
		if i < len(r.Segments) && (r.Segments[i].Kind == Literal && r.Segments[i].Text != "" || r.Segments[i].Kind == Text) {
			key := r.without(i)
			if r.Failed == r.Count {
				key = failing + key // what is never found is no value of a route
			}
			alike[key] = append(alike[key], r)
		}
	}
	for key, routes := range alike {
		if len(routes) > crowd || slices.ContainsFunc(routes, func(r *Route) bool { return r.Segments[i].Kind == Text }) {
			for _, r := range routes {
				delete(g.routes, r.Name())
				delete(g.routes, failing+r.Name())
			}
			g.routes[key] = joined(routes, i)
		}
	}
}

// failing marks the routes that are never answered with success.
const failing = "failing "

// without is the route's name with its segment i as one that varies.
func (r *Route) without(i int) string {
	other := Route{Method: r.Method, Segments: slices.Clone(r.Segments)}
	other.Segments[i] = Segment{Kind: Text}
	return other.Name()
}

// joined is one route of several that differ in segment i, the most frequent
// values kept.
func joined(routes []*Route, i int) *Route {
	slices.SortStableFunc(routes, func(a, b *Route) int { return cmp.Compare(b.Count, a.Count) })
	out := &Route{Method: routes[0].Method, Segments: slices.Clone(routes[0].Segments), Query: map[string]*Values{}}
	out.Segments[i] = Segment{Kind: Text}
	at := &out.Segments[i]
	for k, r := range routes {
		if s := r.Segments[i]; s.Kind == Literal {
			at.Values.add(s.Text)
		} else {
			at.Values.join(s.Values)
		}
		if k > 0 {
			for n := range out.Segments {
				if s := &out.Segments[n]; n != i && s.Kind != Literal {
					s.Values.join(r.Segments[n].Values)
				}
			}
		}
		out.Count, out.Failed = out.Count+r.Count, out.Failed+r.Failed
		for name, v := range r.Query {
			if out.Query[name] == nil {
				out.Query[name] = &Values{}
			}
			out.Query[name].join(*v)
		}
	}
	at.Values.Kind = Text
	return out
}

// Has says whether h is one of the route's requests.
func (r *Route) Has(h Hit) bool {
	path, _, _ := strings.Cut(h.Path, "?")
	texts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	return h.Method == r.Method && len(texts) == len(r.Segments) &&
		!slices.ContainsFunc(r.Segments, func(s Segment) bool { text := texts[0]; texts = texts[1:]; return !s.has(text) })
}

func (s Segment) has(text string) bool {
	switch s.Kind {
	case Literal:
		return s.Text == text
	case Text:
		return true
	}
	return s.Kind == KindOf(text)
}
