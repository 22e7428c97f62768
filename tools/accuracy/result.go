package main

import "slices"

// Result is one finished run, and one line of the results file.
type Result struct {
	key
	Tool     string   `json:"tool"` // leakcheck's version
	NodeFull string   `json:"node_version"`
	Expected string   `json:"expected"` // leaking endpoint, "" for none
	Outcome  string   `json:"outcome"`
	Leaking  []string `json:"leaking"` // as leakcheck named them
	Grade    Grade    `json:"grade"`
	Seconds  float64  `json:"seconds"` // wall time of leakcheck, without the diagnosis
	// Endpoint is the one that the numbers below are of: the leaking one, or
	// the one that grew most.
	Endpoint        string      `json:"endpoint"`
	BytesPerRequest *float64    `json:"bytes_per_request"`
	Interval        *[2]float64 `json:"interval"`
	MinDetectable   *float64    `json:"min_detectable_mb_per_hour"`
	LoadShare       *float64    `json:"load_share"`
	// Endpoints are all of them.
	Endpoints []endpoint `json:"endpoints,omitempty"`
	Named     *Named     `json:"named,omitempty"` // where it leaks, of leaks
	Error     string     `json:"error,omitempty"` // why there is no verdict
}

// Grade is how a run's verdict compares with the truth.
type Grade string

// The grades.
const (
	Right         Grade = "right"
	FalseAlarm    Grade = "FALSE ALARM"
	Miss          Grade = "MISS"
	WrongEndpoint Grade = "WRONG ENDPOINT" // a leak, but not the leaking endpoint alone
	Undecided     Grade = "inconclusive"
	Failed        Grade = "FAILED" // no verdict
)

// grade compares an outcome and those it names with the leaking endpoint, ""
// when nothing leaks.
func grade(outcome string, named []string, leaking string) Grade {
	switch outcome {
	case "inconclusive":
		return Undecided
	case "pass":
		if leaking != "" {
			return Miss
		}
		return Right
	case "leak":
		if leaking == "" {
			return FalseAlarm
		}
		if !slices.Equal(named, []string{leaking}) {
			return WrongEndpoint
		}
		return Right
	}
	return Failed
}
