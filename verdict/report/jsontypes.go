package report

import (
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/verdict"
)

// The types of the JSON document, in the order in which it is written. A
// pointer is a value that may be unknown, and is then null.

type documentJSON struct {
	Schema      int              `json:"schema" jsonschema:"version of this format"`
	Outcome     verdict.Outcome  `json:"outcome" jsonschema:"pass, leak, inconclusive or failed"`
	ExitCode    int              `json:"exit_code"`
	Error       *errorJSON       `json:"error" jsonschema:"why the run ended early; null when it did not"`
	Run         *runJSON         `json:"run" jsonschema:"null when the target was never reached"`
	Scenario    *scenarioJSON    `json:"scenario"`
	Environment *environmentJSON `json:"environment"`
	Endpoints   []endpointJSON   `json:"endpoints"`
	Interaction *endpointJSON    `json:"interaction" jsonschema:"what the endpoints retain together beyond what each does by itself, per request of any of them, against the sum of their budgets; null when no mixed block was measured"`
	Background  *backgroundJSON  `json:"background" jsonschema:"growth by the clock, without requests"`
	Resources   []resourceJSON   `json:"resources" jsonschema:"countable things that grow with requests"`
	Events      []eventJSON      `json:"events"`
	Warnings    []warningJSON    `json:"warnings" jsonschema:"doubts about the run as a whole"`
}

type errorJSON struct {
	Message string `json:"message"`
	Hint    string `json:"hint"`
	Detail  string `json:"detail" jsonschema:"the evidence, such as the last lines that the target printed"`
}

type runJSON struct {
	ID         string    `json:"id"`
	Seed       uint64    `json:"seed"`
	StartedAt  time.Time `json:"started_at"`
	Tool       string    `json:"tool"`
	Dir        string    `json:"dir" jsonschema:"folder of the recording and the target's log"`
	Complete   bool      `json:"complete" jsonschema:"false when the run was cut off before its end was written"`
	Decided    bool      `json:"decided" jsonschema:"every budget was decided before max_duration"`
	Confidence *float64  `json:"confidence" jsonschema:"of all statements of the verdict together"`
	Rounds     int       `json:"rounds" jsonschema:"measured rounds that were judged"`
	Requests   int       `json:"requests" jsonschema:"sent in the measured rounds"`
	LoadShare  *float64  `json:"load_share" jsonschema:"share of the measured stretch spent under load"`
	Total      *float64  `json:"total_s"`
	Launch     *float64  `json:"launch_s"`
	WarmUp     *float64  `json:"warm_up_s"`
	Measure    *float64  `json:"measure_s"`
	Sample     *float64  `json:"sample_s" jsonschema:"of measure_s, spent in settling and sampling"`
}

type scenarioJSON struct {
	Name string `json:"name"`
	Path string `json:"path"`
	Hash string `json:"hash"`
	// Of stands for a selection only.
	Of    int  `json:"selected_of,omitempty" jsonschema:"how many endpoints the scenario has, where a selection of them was measured"`
	Quick bool `json:"quick,omitempty" jsonschema:"less confidence and time was asked for than the scenario says"`
}

// environmentJSON has the fields of recording.Environment, always written.
type environmentJSON struct {
	OS          string               `json:"os"`
	Arch        string               `json:"arch"`
	CPUs        int                  `json:"cpus"`
	CPUModel    string               `json:"cpu_model"`
	MemoryTotal unit.Bytes           `json:"memory_total"`
	Node        string               `json:"node"`
	V8          string               `json:"v8"`
	GitCommit   string               `json:"git_commit"`
	GitDirty    bool                 `json:"git_dirty"`
	GitTime     time.Time            `json:"git_time,omitzero" jsonschema:"of the commit; absent when unknown"`
	Repository  recording.Repository `json:"repository,omitzero" jsonschema:"where it has the target's files; absent outside of one"`
	Command     []string             `json:"command"`
	Image       string               `json:"image,omitempty" jsonschema:"of a target in a container"`
}

type endpointJSON struct {
	Name            string          `json:"name"`
	Request         string          `json:"request"`
	Outcome         verdict.Outcome `json:"outcome"`
	Waived          *waiverJSON     `json:"waived"`
	BytesPerRequest *float64        `json:"bytes_per_request"`
	Interval        *[2]float64     `json:"interval" jsonschema:"of bytes_per_request"`
	ByResizes       *float64        `json:"resize_bytes_per_request,omitempty" jsonschema:"on average, where a leak is known by the resizes in which it grows and the interval does not show it"`
	MBPerHour       *float64        `json:"mb_per_hour" jsonschema:"bytes_per_request at rate_per_second"`
	HourlyInterval  *[2]float64     `json:"mb_per_hour_interval"`
	Budget          *float64        `json:"budget_mb_per_hour"`
	BudgetAssumed   bool            `json:"budget_assumed"`
	MinDetectable   *float64        `json:"min_detectable_mb_per_hour" jsonschema:"smallest leak this run would have called with 95 % power"`
	Rate            *float64        `json:"rate_per_second" jsonschema:"production traffic"`
	RateAssumed     bool            `json:"rate_assumed"`
	Achieved        *float64        `json:"achieved_per_second" jsonschema:"rate at which the run's requests landed"`
	Requests        int             `json:"requests"`
	Metrics         []metricJSON    `json:"metrics"`
	UntilKill       *float64        `json:"time_to_container_limit_s" jsonschema:"until the limit of its container at the production rate; null when never or unknown"`
	UntilLimit      *float64        `json:"time_to_limit_s" jsonschema:"until the heap limit at the production rate; null when never or unknown"`
	Needed          *float64        `json:"needed_s" jsonschema:"about how much longer to measure to decide"`
	Reason          string          `json:"reason"`
	Warnings        []warningJSON   `json:"warnings"`
	Suspects        []suspectJSON   `json:"suspects" jsonschema:"what the diagnosis suspects, the likeliest first; empty without one"`
	Identity        string          `json:"identity,omitempty" jsonschema:"of what was measured: its request, its load and the target; runs in which it is the same are comparable"`
}

type waiverJSON struct {
	Reason  string `json:"reason"`
	Until   string `json:"until"`
	Expired bool   `json:"expired"`
}

type metricJSON struct {
	Name            string          `json:"name"`
	Outcome         verdict.Outcome `json:"outcome"`
	BytesPerRequest *float64        `json:"bytes_per_request"`
	Interval        *[2]float64     `json:"interval"`
	MinDetectable   *float64        `json:"min_detectable_bytes_per_request"`
}

type backgroundJSON struct {
	Outcome       verdict.Outcome `json:"outcome"`
	MBPerHour     *float64        `json:"mb_per_hour"`
	Interval      *[2]float64     `json:"mb_per_hour_interval"`
	Budget        *float64        `json:"budget_mb_per_hour" jsonschema:"null when the scenario asks for none"`
	MinDetectable *float64        `json:"min_detectable_mb_per_hour"`
	Needed        *float64        `json:"needed_s"`
	Reason        string          `json:"reason"`
	Warnings      []warningJSON   `json:"warnings"`
	Suspects      []suspectJSON   `json:"suspects"`
}

type resourceJSON struct {
	Endpoint   string   `json:"endpoint"`
	Name       string   `json:"name"`
	PerRequest *float64 `json:"per_request"`
	Last       int      `json:"last" jsonschema:"count in the last sample"`
}

type eventJSON struct {
	At      float64 `json:"at_s"`
	Kind    string  `json:"kind"`
	Message string  `json:"message"`
}

type warningJSON struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}
