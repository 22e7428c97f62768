// Package history is what is kept of each run, and what many runs say
// together: which of them are comparable, and at which commit a leak rate
// changed. It is pure; its folder store keeps runs in a database.
package history

import (
	"math"
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/verdict"
)

// Run is one run in short.
type Run struct {
	ID         string          `json:"id"`
	StartedAt  time.Time       `json:"started_at"`
	Tool       string          `json:"tool"` // leakcheck's version
	Outcome    verdict.Outcome `json:"outcome"`
	ExitCode   int             `json:"exit_code"`
	Scenario   string          `json:"scenario"` // its name
	Hash       string          `json:"hash"`     // of what determines the measurement of all endpoints together
	Commit     string          `json:"commit"`   // "" when unknown
	CommitTime time.Time       `json:"commit_time,omitzero"`
	Dirty      bool            `json:"dirty"` // the checkout differed from the commit
	Node       string          `json:"node"`  // "v24.21.0"
	Machine    Machine         `json:"machine"`
	Seed       uint64          `json:"seed"`
	Rounds     int             `json:"rounds"`
	Dir        string          `json:"dir"` // of the recording, where the run was made
	// Of is how many endpoints the scenario has, where a selection of them was measured; else 0.
	Of        int        `json:"of,omitempty"`
	Quick     bool       `json:"quick,omitempty"` // with less confidence and time than the scenario asks for
	Endpoints []Endpoint `json:"endpoints"`
}

// Machine is the kind of machine: runs on two of one kind are comparable.
type Machine struct {
	OS       string `json:"os"`
	Arch     string `json:"arch"`
	CPUs     int    `json:"cpus"`
	CPUModel string `json:"cpu_model"`
}

// Endpoint is one endpoint's part of a run. Numbers are 0 when they could not
// be estimated, as their Fit then is.
type Endpoint struct {
	Name string `json:"name"`
	// Identity is over what determines the endpoint's measurement; "" of older releases.
	Identity      string           `json:"identity,omitempty"`
	Outcome       verdict.Outcome  `json:"outcome"`
	Waived        bool             `json:"waived"`
	Retained      verdict.Estimate `json:"retained"` // bytes per request
	Fit           verdict.Fit      `json:"fit"`
	Rate          unit.PerSecond   `json:"rate"`
	Budget        unit.MBPerHour   `json:"budget"`
	MinDetectable unit.MBPerHour   `json:"detection_limit"`
	Requests      int              `json:"requests"`
	Reason        string           `json:"reason"`
}

// Of summarises a recording with its verdict, which may be nil: then nothing
// could be judged.
func Of(rec *recording.Recording, v *verdict.Verdict, outcome verdict.Outcome, exitCode int, dir string) Run {
	h := &rec.Header
	r := Run{
		ID: h.RunID, StartedAt: h.StartedAt.UTC(), Tool: h.Tool, Outcome: outcome, ExitCode: exitCode,
		Scenario: h.Scenario.Name, Hash: h.Scenario.Hash,
		Commit: h.Environment.GitCommit, CommitTime: h.Environment.GitTime, Dirty: h.Environment.GitDirty,
		Node: h.Environment.Node, Seed: h.Seed, Dir: dir, Of: h.Scenario.Endpoints, Quick: h.Scenario.Quick,
		Machine: Machine{
			OS: h.Environment.OS, Arch: h.Environment.Arch,
			CPUs: h.Environment.CPUs, CPUModel: h.Environment.CPUModel,
		},
	}
	if v == nil {
		return r
	}
	r.Rounds = v.Rounds
	for i := range v.Endpoints {
		e := endpointOf(&v.Endpoints[i])
		e.Identity = h.Endpoints[i].Identity
		r.Endpoints = append(r.Endpoints, e)
	}
	return r
}

// endpointOf leaves out what is not a number: neither JSON nor a database
// keeps it.
func endpointOf(e *verdict.Endpoint) Endpoint {
	out := Endpoint{
		Name: e.Name, Outcome: e.Outcome, Rate: e.Rate, Budget: e.Budget,
		Requests: e.Requests, Reason: e.Reason,
		Waived: e.Waived != nil && !e.Waived.Expired,
	}
	if finite(float64(e.Retained.Value), float64(e.Retained.Low), float64(e.Retained.High), float64(e.Fit.StdErr)) {
		out.Retained, out.Fit = e.Retained, e.Fit
	}
	if finite(float64(e.MinDetectable)) {
		out.MinDetectable = e.MinDetectable
	}
	return out
}

func finite(all ...float64) bool {
	for _, v := range all {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}

// Measured reports whether the endpoint's rate could be estimated.
func (e *Endpoint) Measured() bool { return e.Fit != verdict.Fit{} }

// PerHour is the estimate at the production rate.
func (e *Endpoint) PerHour() verdict.HourlyEstimate {
	return verdict.HourlyEstimate{
		Value: e.Retained.Value.AtRate(e.Rate),
		Low:   e.Retained.Low.AtRate(e.Rate),
		High:  e.Retained.High.AtRate(e.Rate),
	}
}

// Endpoint is the endpoint of that name, nil when the run has none.
func (r *Run) Endpoint(name string) *Endpoint {
	for i := range r.Endpoints {
		if r.Endpoints[i].Name == name {
			return &r.Endpoints[i]
		}
	}
	return nil
}

// ShortCommit is the commit as people write it, with "+" where the checkout
// had changes, and "-" when it is unknown.
func (r *Run) ShortCommit() string {
	const short = 8
	switch {
	case r.Commit == "":
		return "-"
	case r.Dirty:
		return r.Commit[:min(short, len(r.Commit))] + "+"
	}
	return r.Commit[:min(short, len(r.Commit))]
}
