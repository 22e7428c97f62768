// Package draft writes a first scenario from what a project has already: an
// OpenAPI document, a HAR file, vegeta targets, an access log, or package.json
// alone. What it cannot know is marked in the file, with comments that say why
// each line is there.
package draft

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// Draft is a scenario in the making.
type Draft struct {
	Name      string
	From      string // what it was made from, in words
	App       App
	Setup     []Step // requests that are sent once, before the load
	Endpoints []Endpoint
	// Notes are told to the user, and stand in the file.
	Notes []string
}

// App is how the server is started.
type App struct {
	Command  []string
	Env      map[string]string
	Dir      string // relative to the scenario; "" for its folder
	Port     int    // 0 for a free one
	Ready    string // path; "" for none
	Comments []string
	Known    bool // Command was found, and is no blank
}

// Endpoint is one request of a draft. All texts are templates.
type Endpoint struct {
	Name     string
	Method   string
	Path     string
	Pattern  string // as a router has it: /users/:id; "" when it is not known
	Headers  []Header
	Body     string
	Parts    []Part // of a multipart form, instead of Body
	Flow     []Step // requests in order, instead of Method and Path
	Expect   string
	Rate     unit.PerSecond // 0 when production's is not known
	Tags     []string       // groups that the source puts it into
	Comments []string       // why it is as it is
	Blanks   []string       // what its user has to fill in
	// Off is why it is written as a comment; "" for an endpoint that runs.
	Off string
}

// Step is a request of the setup or of a flow, and what is kept of its answer.
type Step struct {
	Endpoint
	Capture []Capture
	Think   time.Duration
}

// Capture is a value of an answer, at a JSON pointer.
type Capture struct{ Name, JSON string }

// Part is a field of a multipart form, or a file with generated content.
type Part struct{ Name, Value, File, Type string }

// Header is a request header.
type Header struct{ Name, Value string }

// Options are what a draft's user asked for.
type Options struct {
	All bool // methods that change data run as well
	// Over is the time that a log or metrics cover, and Metric the counter of a
	// snapshot; zero values are for the file to say.
	Over   time.Duration
	Metric string
	// Try asks the running app about the draft; nil leaves that out.
	Try func(*Draft) error
}

// maxRunning is how many endpoints run at most: each takes about 15 s.
const (
	maxRunning  = 12
	perEndpoint = 15 * time.Second
)

// unsafeMethod is why an endpoint that changes data is off.
const unsafeMethod = "changes data"

// arrange puts the endpoints in order (what reads before what writes, else as
// they came), names them apart, and turns off what should not run unasked.
func (d *Draft) arrange(o Options) {
	slices.SortStableFunc(d.Endpoints, func(a, b Endpoint) int { return rank(a) - rank(b) })
	d.nameApart()
	running, writing, crowded := 0, 0, 0
	for i := range d.Endpoints {
		e := &d.Endpoints[i]
		switch {
		case e.Off != "":
		case !o.All && !e.safe():
			e.Off = unsafeMethod
			writing++
		case running == maxRunning:
			e.Off = fmt.Sprintf("the first %d take %v already", maxRunning, (maxRunning * perEndpoint))
			crowded++
		default:
			running++
		}
	}
	if writing > 0 {
		d.note("%s commented out: only GET and HEAD run unasked, as other methods change data; --all runs all", counted(writing, "endpoint is", "endpoints are"))
	}
	if crowded > 0 {
		d.note("%s commented out to keep the run short", counted(crowded, "further endpoint is", "further endpoints are"))
	}
}

func (d *Draft) note(format string, args ...any) {
	if n := fmt.Sprintf(format, args...); !slices.Contains(d.Notes, n) {
		d.Notes = append(d.Notes, n)
	}
}

// Running counts the endpoints that are not commented out.
func (d *Draft) Running() int {
	n := 0
	for _, e := range d.Endpoints {
		if e.Off == "" {
			n++
		}
	}
	return n
}

// safe reports whether e only reads.
func (e *Endpoint) safe() bool {
	if len(e.Flow) == 0 {
		return safe(e.Method)
	}
	return !slices.ContainsFunc(e.Flow, func(s Step) bool { return !safe(s.Method) })
}

func safe(method string) bool { return method == http.MethodGet || method == http.MethodHead }

// rank is the place of an endpoint among the others.
func rank(e Endpoint) int {
	switch {
	case e.Method == http.MethodGet:
		return 0
	case e.Method == http.MethodHead, e.safe():
		return 1
	}
	return 2
}

// nameApart makes names short and unique.
func (d *Draft) nameApart() {
	const most = 80 // bytes; the loader takes 100
	taken := map[string]bool{}
	for i := range d.Endpoints {
		name := clean(d.Endpoints[i].Name)
		if len(name) > most {
			name = name[:most]
		}
		unique := name
		for n := 2; taken[unique]; n++ {
			unique = fmt.Sprintf("%s (%d)", name, n)
		}
		taken[unique] = true
		d.Endpoints[i].Name = unique
	}
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
