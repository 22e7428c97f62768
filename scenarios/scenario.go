// Package scenarios reads the file that says what to measure: the target, its
// endpoints, and the budget of each. Reading is strict: what is not understood
// is an error with its place in the file, and every error is found in one pass.
package scenarios

import (
	"time"

	"github.com/leakcheck/leakcheck/loadgen/rows"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// Version is the version of the file format that this package reads.
const Version = 1

// What holds where the file says nothing.
const (
	DefaultBudget       = unit.MBPerHour(1)
	DefaultRate         = unit.PerSecond(10)
	defaultReadyTimeout = 30 * time.Second
	defaultTimeout      = 10 * time.Second
	defaultConfidence   = 0.99
	defaultMaxDuration  = 5 * time.Minute
	defaultWorkers      = 10
	// DefaultDiagnosis bounds what a look into the leaks adds to a run.
	DefaultDiagnosis = 30 * time.Second
)

// Scenario is one file. The json tags are the file's keys, the jsonschema tags
// their descriptions in an editor.
type Scenario struct {
	Version int    `json:"version" jsonschema:"version of the file format: 1"`
	Name    string `json:"name" jsonschema:"names the scenario in reports and histories"`
	Target  Target `json:"target" jsonschema:"the Node.js app under test"`
	// Compose is absolute; the file gives it relative to itself. It is read when
	// the run is compiled.
	Compose    string          `json:"compose,omitempty" jsonschema:"Compose file whose services are started, instead of services; relative to this file"`
	Services   []Service       `json:"services,omitempty" jsonschema:"containers that a target in a container needs, such as its database"`
	Budget     *unit.MBPerHour `json:"budget,omitempty" jsonschema:"growth allowed to each endpoint without a budget of its own; absent: 1 MB/h is assumed, and said"`
	Background *Background     `json:"background,omitempty" jsonschema:"growth by the clock, without requests; absent: shown and not judged"`
	Setup      []Step          `json:"setup,omitempty" jsonschema:"requests sent once in order, before the load: log in, create a tenant"`
	Rates      *Rates          `json:"rates,omitempty" jsonschema:"where the endpoints' production rates come from, but for those that give their own"`
	Endpoints  []Endpoint      `json:"endpoints" jsonschema:"the requests to measure, each on its own"`
	Run        Run             `json:"run,omitzero" jsonschema:"how to measure"`
	Diagnose   Diagnose        `json:"diagnose,omitzero" jsonschema:"how to look into what leaks, once it is measured"`

	Path string `json:"-"` // of the file, as given to Load
	// Hash is over what determines the measurement: two runs with one hash are
	// comparable.
	Hash string `json:"-"`
	// Others are the endpoints of the file that were not selected.
	Others []Endpoint `json:"-"`
	// Hurried says that less is promised than the file asks for.
	Hurried bool `json:"-"`

	positions *positions // nil when it was not read from a file
}

// Target is the app under test: a command or a container, which leakcheck
// starts, or what runs already. One of Command, Container and Attach is set.
type Target struct {
	// Command may contain {{port}} and {{env "NAME"}}.
	Command []string `json:"command,omitempty" jsonschema:"program and arguments, as a list: [node, server.js]; may contain {{port}}"`
	// Dir is absolute; the file gives it relative to itself.
	Dir string `json:"dir,omitempty" jsonschema:"folder to start the command in, relative to this file; absent: this file's folder"`
	// Prepare is run in Dir of a fresh checkout, by what measures revisions.
	Prepare []string `json:"prepare,omitempty" jsonschema:"program and arguments that make a fresh checkout ready to start, as a list: [npm, ci]; run by compare --run and bisect"`
	// Env may contain {{port}} and {{env "NAME"}}.
	Env map[string]string `json:"env,omitempty" jsonschema:"environment variables; values may contain {{port}} and {{env \"NAME\"}}"`
	// Port is 0 for a free one, which the target is told as PORT and {{port}}.
	Port  int   `json:"port,omitempty" jsonschema:"port that the app listens on; absent: a free one, given as PORT and {{port}}"`
	Ready Ready `json:"ready,omitzero" jsonschema:"how to know that the app is ready; absent: its port listens"`
	TLS   *TLS  `json:"tls,omitempty" jsonschema:"the app serves HTTPS: how its certificate is trusted; {} by this machine's authorities"`

	// Inspect is "" or InspectKeep.
	Inspect string `json:"inspect,omitempty" jsonschema:"keep: the app may open an inspector of its own to other machines, of which the verdict then warns; absent: it is refused"`

	Container *Container `json:"container,omitempty" jsonschema:"run the app in a container instead of by command"`
	Attach    *Attach    `json:"attach,omitempty" jsonschema:"measure an app that runs already; it is neither started nor stopped"`
}

// Ready says when the target can be measured. With neither Path nor Log, it is
// when the port listens; never both.
type Ready struct {
	Path    string        `json:"path,omitempty" jsonschema:"path that answers below 400 when the app is ready"`
	Log     string        `json:"log,omitempty" jsonschema:"regular expression for the line that the app prints when it is ready"`
	Timeout time.Duration `json:"timeout,omitempty" jsonschema:"longest wait for readiness; absent: 30s"`
}

// Background is growth by the clock, without requests.
type Background struct {
	Budget unit.MBPerHour `json:"budget" jsonschema:"growth allowed without requests"`
}

// Message is one request, as endpoints and steps have it. All is empty when an
// endpoint sends something else.
type Message struct {
	// Request is "POST /upload", as the file has it; Method and URLPath are its
	// parts.
	Request string            `json:"request,omitempty" jsonschema:"method and path: POST /upload; the path may contain templates such as {{seq}}"`
	Method  string            `json:"-"`
	URLPath string            `json:"-"`
	Headers map[string]string `json:"headers,omitempty" jsonschema:"request headers; values may contain templates"`
	// Body is that of BodyFile, once loaded. BodyFile is absolute.
	Body     string `json:"body,omitempty" jsonschema:"request body; may contain templates"`
	BodyFile string `json:"body_file,omitempty" jsonschema:"file with the request body, relative to this file; may contain templates"`
	Content
	Expect Expect `json:"expect,omitzero" jsonschema:"statuses that count as success: 404, [200, 404] or 4xx; absent: 2xx and 3xx"`
}

// Step is one request of several in order.
type Step struct {
	Name string `json:"name,omitempty" jsonschema:"names the step in what is said of its failures; absent: its request"`
	Message
	Capture map[string]Capture `json:"capture,omitempty" jsonschema:"values taken from the answer, for {{capture \"NAME\"}} in later requests"`
	Check   *Check             `json:"check,omitempty" jsonschema:"what must hold for the answer's body"`
	Think   time.Duration      `json:"think,omitempty" jsonschema:"time to wait after the answer, as people do"`

	// One of these is set instead of Request, in a flow.
	Connect string `json:"connect,omitempty" jsonschema:"path of a WebSocket to open, with the step's headers; the steps after it use it"`
	Send    string `json:"send,omitempty" jsonschema:"text to send over the WebSocket; may contain templates"`
	Receive *Check `json:"receive,omitempty" jsonschema:"message of the WebSocket to wait for; captures are of it"`
	Close   bool   `json:"close,omitempty" jsonschema:"close the WebSocket; one that is left open goes away at the end of the flow"`

	ExpectEvents int `json:"expect_events,omitempty" jsonschema:"server-sent events to read of the answer before its connection is closed; check and capture are of the last one's data"`
}

// Capture says where in an answer a value stands: one of its fields is set.
type Capture struct {
	JSON   string `json:"json,omitempty" jsonschema:"JSON pointer into the body: /user/id"`
	Header string `json:"header,omitempty" jsonschema:"name of a header"`
	Cookie string `json:"cookie,omitempty" jsonschema:"name of a cookie that the answer sets"`
	Regex  string `json:"regex,omitempty" jsonschema:"regular expression on the body; its first group is taken"`
}

// Check is what must hold for a body: all that is given.
type Check struct {
	Contains string  `json:"contains,omitempty" jsonschema:"text that is in the body"`
	Matches  string  `json:"matches,omitempty" jsonschema:"regular expression that the body matches"`
	JSON     string  `json:"json,omitempty" jsonschema:"JSON pointer to a value that is in the body"`
	Equals   *string `json:"equals,omitempty" jsonschema:"the value at the JSON pointer, as text"`
}

// Rates is what production recorded of the endpoints' requests.
type Rates struct {
	// From is absolute; the file gives it relative to itself. It is read when
	// the run is compiled.
	From   string        `json:"from" jsonschema:"access log in common or combined format (also gzipped), or metrics snapshot in Prometheus' text format, relative to this file"`
	Over   time.Duration `json:"over,omitempty" jsonschema:"time that the file covers; absent: from its first to its last request"`
	Metric string        `json:"metric,omitempty" jsonschema:"counter or histogram of a metrics snapshot; absent: the only one by method and route"`
}

// Endpoint is one named request, a file of them, a flow, or what a driver does.
type Endpoint struct {
	Name string `json:"name" jsonschema:"names the endpoint in reports and histories; unique"`
	Message
	Flow []Step `json:"flow,omitempty" jsonschema:"requests sent in order instead of one, as a user with cookies does; a completed flow is one request of the rate and the leak"`
	// Targets is absolute; the file gives it relative to itself.
	Targets       string `json:"targets,omitempty" jsonschema:"vegeta targets file to send instead of one request, relative to this file"`
	TargetsFormat string `json:"targets_format,omitempty" jsonschema:"format of the targets file; absent: json for .json, .jsonl and .ndjson, else http"`
	// Exec is run in the scenario's folder.
	Exec       []string        `json:"exec,omitempty" jsonschema:"driver that performs the operations instead of requests, in other protocols: program and arguments, as a list: [node, drive.js]"`
	Data       *Data           `json:"data,omitempty" jsonschema:"rows of test data, one for each request or flow"`
	AbortAfter time.Duration   `json:"abort_after,omitempty" jsonschema:"give each request up after this time, as a client that goes away does"`
	Timeout    time.Duration   `json:"timeout,omitempty" jsonschema:"longest wait for an answer; absent: 10s"`
	Rate       *unit.PerSecond `json:"rate,omitempty" jsonschema:"production traffic, which turns bytes per request into MB per hour; absent: 10/s is assumed, and said"`
	Budget     *unit.MBPerHour `json:"budget,omitempty" jsonschema:"growth allowed to this endpoint at its production rate"`
	Waive      *Waive          `json:"waive,omitempty" jsonschema:"tolerate a known leak until a day"`
	OpenRate   *unit.PerSecond `json:"open_rate,omitempty" jsonschema:"send at this rate whatever the answers' times; absent: each worker sends when its last request is answered"`
	RampTo     *unit.PerSecond `json:"ramp_to,omitempty" jsonschema:"the open rate moves to this one within each block"`
	Sine       *Sine           `json:"sine,omitempty" jsonschema:"the open rate swings within each block"`
	Client     Client          `json:"client,omitzero" jsonschema:"how the requests are sent; absent: by HTTP/1.1 over connections that are kept"`
	Workers    int             `json:"workers,omitempty" jsonschema:"concurrent connections; absent: the run's"`
	Tags       []string        `json:"tags,omitempty" jsonschema:"names of groups that the endpoint belongs to, for run --tag"`

	// Identity is over what determines the endpoint's own measurement: its request, its
	// load and the target. Runs in which it is the same are comparable.
	Identity string `json:"-"`
}

// Data is rows of test data for {{data "column"}}.
type Data struct {
	// File is absolute; the file gives it relative to itself.
	File  string `json:"file" jsonschema:"CSV with the names of the columns in its first line, or JSON lines; relative to this file"`
	Order string `json:"order,omitempty" jsonschema:"sequential (and from the top again), random, or unique (each row once in the run); absent: sequential"`

	Table *rows.Table `json:"-"` // the file, once loaded
}

// Waive keeps a known leak from failing the run.
type Waive struct {
	Reason string    `json:"reason" jsonschema:"why the leak is tolerated"`
	Until  time.Time `json:"until" jsonschema:"day on which the waiver ends: 2027-01-31"` // 00:00 UTC
}

// Run is how to measure.
type Run struct {
	// Mode is "" for the default: separate, with a mixed block in each round that
	// checks whether the endpoints' growth explains that of all together.
	Mode        string        `json:"mode,omitempty" jsonschema:"mixed (endpoints load the target together, in proportions that change from block to block) separate (one at a time, and nothing else) or screening (all together bound each one, and only those that seem to leak are loaded by themselves); absent: screening from 8 endpoints on, else separate with a mixed block in each round that shows interactions"`
	Confidence  float64       `json:"confidence,omitempty" jsonschema:"of the whole run's statements together, between 0.5 and 1; absent: 0.99"`
	MaxDuration time.Duration `json:"max_duration,omitempty" jsonschema:"longest time for the whole run, launch and warm-up included; absent: 5m"`
	Workers     int           `json:"workers,omitempty" jsonschema:"concurrent connections of an endpoint that sets none; absent: 10"`
	// AdvanceClock nil is true.
	AdvanceClock *bool  `json:"advance_clock,omitempty" jsonschema:"whether the target's clocks may be advanced by an hour, to tell memory that expires from a leak; absent: true"`
	Seed         uint64 `json:"seed,omitempty" jsonschema:"decides the order of blocks and all random data; absent or 0: chosen for each run"`
}

// InspectKeep leaves an inspector that the app opens for itself as it is.
const InspectKeep = "keep"

// The modes that a run may ask for.
const (
	ModeMixed     = "mixed"
	ModeSeparate  = "separate"
	ModeScreening = "screening"
)

// Diagnose is how to look into what leaks. It never changes a verdict.
type Diagnose struct {
	Enabled   *bool         `json:"enabled,omitempty" jsonschema:"look into what leaks; absent: true"`
	Snapshots *bool         `json:"snapshots,omitempty" jsonschema:"compare heap snapshots, where the target has the memory for them; absent: true"`
	Source    *bool         `json:"source,omitempty" jsonschema:"show the lines of code that are suspected, in reports too; absent: true"`
	Timeout   time.Duration `json:"timeout,omitempty" jsonschema:"longest time that it adds to the run; absent: 30s"` // 0 is DefaultDiagnosis
	BlackBox  bool          `json:"black_box,omitempty" jsonschema:"have Node write a heap snapshot before it dies of memory, and a report when it does, and look into them; for a target by command"`
}

// EffectiveBudget is e's budget: its own, else the scenario's, else
// DefaultBudget, which is assumed.
func (s *Scenario) EffectiveBudget(e *Endpoint) (budget unit.MBPerHour, assumed bool) {
	if e.Budget != nil {
		return *e.Budget, false
	}
	return s.OverallBudget(), s.Budget == nil
}

// OverallBudget is the default of each endpoint, and of growth by the clock.
func (s *Scenario) OverallBudget() unit.MBPerHour {
	if s.Budget != nil {
		return *s.Budget
	}
	return DefaultBudget
}

// EffectiveRate is e's production rate: its own, else DefaultRate, which is
// assumed.
func (s *Scenario) EffectiveRate(e *Endpoint) (rate unit.PerSecond, assumed bool) {
	if e.Rate != nil {
		return *e.Rate, false
	}
	return DefaultRate, true
}

// LeastScreened is the number of endpoints from which a run screens by itself.
const LeastScreened = 8

// Screens reports whether the endpoints are bounded together.
func (s *Scenario) Screens() bool {
	return s.Run.Mode == ModeScreening || s.Run.Mode == "" && len(s.Endpoints) >= LeastScreened
}
