package report_test

import (
	"math"
	"time"

	"github.com/leakcheck/leakcheck/sampler/evidence"
	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/verdict"
	"github.com/leakcheck/leakcheck/verdict/diagnose"
	"github.com/leakcheck/leakcheck/verdict/report"
)

// fixture is the one document that every format is tested with: each outcome
// once, and a value that is not a number.
func fixture() report.Document {
	return report.Document{
		Outcome:   verdict.Leak,
		ExitCode:  1,
		Verdict:   fixtureVerdict(),
		Recording: fixtureRecording(),
		Dir:       ".leakcheck/runs/20261121-150405-ab12cd",
		Source:    ".leakcheck/runs/20261121-150405-ab12cd",
		Diagnosis: fixtureDiagnosis(),
		Previous:  fixturePrevious(),
	}
}

func fixtureDiagnosis() *diagnose.Diagnosis {
	return &diagnose.Diagnosis{Schema: diagnose.Schema, Findings: []diagnose.Finding{{
		Endpoint: "upload",
		Suspects: []diagnose.Suspect{
			{
				Pattern: diagnose.Closures, Confidence: diagnose.High,
				At:    evidence.Frame{Function: "addToCart", File: "server.js", Line: 12, Column: 5, Origin: evidence.App},
				Thing: "closure", PerUnit: 1, Bytes: 16, Unit: "request",
				Holder:  &diagnose.Holder{Name: "carts", Path: []string{"global", "module server.js", "carts: Map", "Array"}},
				Reasons: []string{"seen to grow by 1.00 closure per request"},
			},
			{Pattern: diagnose.Listeners, Confidence: diagnose.Low, At: evidence.Frame{File: "node:net", Origin: evidence.Node}, Thing: "listener", PerUnit: 1, Unit: "request"},
		},
	}}}
}

func fixturePrevious() []report.Past {
	at := time.Date(2026, 11, 20, 15, 0, 0, 0, time.UTC)
	past := func(id string, days int, o verdict.Outcome, value unit.BytesPerRequest) report.Past {
		return report.Past{
			ID: id, StartedAt: at.AddDate(0, 0, -days), Commit: "1f2e3d4c5b6a", Outcome: o,
			Endpoints: []report.PastEndpoint{{
				Name: "upload", Outcome: o,
				Retained: verdict.Estimate{Value: value, Low: value - 4, High: value + 4},
			}},
		}
	}
	return []report.Past{
		past("20261120-150000-aaaaaa", 0, verdict.Leak, 15.8),
		past("20261119-150000-bbbbbb", 1, verdict.Pass, 0.4),
	}
}

// hostile is the fixture with names and messages that try to break out of each
// format.
func hostile() report.Document {
	d := fixture()
	const evil = `"><script>alert(1)</script><img src=x onerror=alert(1)>|` + "`" + `]]>&--> %0A::error::x` + "\n\n# @everyone \x1b[31m\x00\xff" + `{{.}}'\`
	d.Verdict.Endpoints[0].Name = evil
	d.Verdict.Endpoints[0].Reason = evil
	d.Verdict.Endpoints[0].Request = "javascript:alert(1)//" + evil
	d.Verdict.Endpoints[0].Warnings[0].Message = evil
	d.Recording.Header.Endpoints[0].Name = evil
	d.Recording.Header.Scenario.Name = evil
	d.Recording.Header.Scenario.Path = "a b/" + evil + ".yaml"
	d.Recording.Header.Environment.Command = []string{evil}
	d.Recording.Header.Environment.CPUModel = evil
	d.Recording.Events[0].Message = evil
	d.Verdict.Resources[0].Name = evil
	d.Failure = &report.Failure{Message: evil, Hint: evil, Detail: evil}
	f := &d.Diagnosis.Findings[0]
	s := &f.Suspects[0]
	f.Endpoint, s.Thing, s.Unit, s.Isolate = evil, evil, evil, evil
	s.Holder.Path, s.Reasons, s.At.Function, s.At.File = []string{evil, evil}, []string{evil}, evil, "javascript:alert(1)"
	d.Previous[0].ID, d.Previous[0].Commit, d.Previous[0].Endpoints[0].Name = evil, evil, evil
	return d
}

func fixtureRecording() *recording.Recording {
	started := time.Date(2026, 11, 21, 15, 4, 5, 0, time.UTC)
	rec := &recording.Recording{
		Header: recording.Header{
			Schema: recording.Schema, RunID: "20261121-150405-ab12cd", StartedAt: started, Tool: "v0.1.0",
			Scenario: recording.Scenario{Name: "checkout", Path: "scenario.yaml", Hash: "sha256:9f86d081"},
			Endpoints: []recording.Endpoint{
				{Name: "upload", Request: "POST /upload", Rate: 20, Budget: 0.5},
				{Name: "list", Request: "GET /users/{{seq}}", Rate: 150, Budget: 5},
				{Name: "search", Request: "GET /search", Rate: 10, RateAssumed: true, Budget: 5, BudgetAssumed: true},
				{Name: "legacy", Request: "GET /legacy", Rate: 1, Budget: 1},
			},
			Confidence: 0.99, Seed: 42,
			Environment: recording.Environment{
				OS: "linux", Arch: "amd64", CPUs: 2, MemoryTotal: 8e9, Node: "v24.21.0", V8: "13.6.233.17",
				GitCommit: "4a5b6c7", GitDirty: true, Command: []string{"node", "server.js"},
			},
		},
		Events: []recording.Event{
			{At: 61 * time.Second, Kind: recording.Deadline, Message: "max_duration of 1m0s reached"},
		},
		End: &recording.End{
			At: 62 * time.Second, LoadShare: 0.812, SampleTime: 8 * time.Second, LaunchTime: 400 * time.Millisecond,
			WarmUpTime: 12 * time.Second, MeasureTime: 48200 * time.Millisecond,
		},
	}
	for i := range rec.Header.Endpoints { // 4 endpoints x 6,000 requests in 2 s: 3,000/s achieved
		rec.Observations = append(rec.Observations, recording.Observation{Block: recording.Block{
			Phase: recording.Measure, Endpoint: i, Elapsed: 2 * time.Second,
			Load: recording.Load{Requests: 6000, Landed: 6000},
		}})
	}
	return rec
}

func fixtureVerdict() *verdict.Verdict {
	saturated := verdict.Warning{Code: "saturated", Message: "2 of 6 blocks fell behind the rate asked for, so that queues grew which look like a leak"}
	budget := unit.MBPerHour(1)
	return &verdict.Verdict{
		Outcome: verdict.Leak, Confidence: 0.99, Rounds: 6, HeapRoom: 4.2e9,
		Endpoints: []verdict.Endpoint{
			{ // 16.2 B x 20/s x 3600 s = 1.17 MB/h, 4.2 GB / 1.17 MB/h = 150 days
				Name: "upload", Request: "POST /upload", Outcome: verdict.Leak, Rate: 20, Budget: 0.5, Requests: 6000,
				Retained:      verdict.Estimate{Value: 16.2, Low: 12.1, High: 19.8},
				PerHour:       verdict.HourlyEstimate{Value: 1.1664, Low: 0.8712, High: 1.4256},
				MinDetectable: 0.31,
				Metrics: []verdict.Metric{
					{Name: "heap", Estimate: verdict.Estimate{Value: 16.1, Low: 12, High: 19.7}, MinDetectable: 4.3, Outcome: verdict.NotJudged},
					{Name: "external", Estimate: verdict.Estimate{Value: 0.1, Low: -0.2, High: 0.3}, MinDetectable: 0.4, Outcome: verdict.NotJudged},
					{Name: "native", Estimate: verdict.Estimate{Value: -3, Low: -40, High: 35}, MinDetectable: 60, Outcome: verdict.Pass},
				},
				UntilLimit: 3600 * time.Hour,
				Reason:     "at least 0.87 MB/h, over the budget of 0.5 MB/h",
				Warnings:   []verdict.Warning{saturated},
			},
			{
				Name: "list", Request: "GET /users/{{seq}}", Outcome: verdict.Pass, Rate: 150, Budget: 5, Requests: 6000,
				Retained:      verdict.Estimate{Value: 0.1, Low: -0.42, High: 0.63},
				PerHour:       verdict.HourlyEstimate{Value: 0.054, Low: -0.2268, High: 0.3402},
				MinDetectable: 0.4, UntilLimit: -1, Reason: "at most 0.34 MB/h",
			},
			{
				Name: "search", Request: "GET /search", Outcome: verdict.Inconclusive, Rate: 10, Budget: 5, Requests: 6000,
				Retained:      verdict.Estimate{Value: 98_000, Low: 21_000, High: 175_000},
				PerHour:       verdict.HourlyEstimate{Value: 3528, Low: 756, High: 6300},
				MinDetectable: unit.MBPerHour(math.Inf(1)), UntilLimit: -1, Needed: 40 * time.Second,
				Reason:   "still filling: growth slows from round to round",
				Warnings: []verdict.Warning{saturated, {Code: "still-filling", Message: "the growth has not levelled off"}},
			},
			{
				Name: "legacy", Request: "GET /legacy", Outcome: verdict.Leak, Rate: 1, Budget: 1, Requests: 6000,
				Waived:   &verdict.Waiver{Reason: "upstream issue 123", Until: time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC)},
				Retained: verdict.Estimate{Value: 10_485_000, Low: 10_480_000, High: 10_490_000},
				PerHour:  verdict.HourlyEstimate{Value: 37746, Low: 37728, High: 37764}, MinDetectable: 12,
				UntilLimit: 6 * time.Minute, Reason: "at least 37728 MB/h, over the budget of 1 MB/h",
			},
		},
		Background: verdict.Background{
			Outcome: verdict.Pass, Budget: &budget, Value: unit.MBPerHour(math.NaN()), Low: -0.1, High: 0.2, MinDetectable: 0.3,
		},
		Resources: []verdict.Resource{{Endpoint: 0, Name: "fd", PerRequest: 1, Last: 12034}},
		Warnings:  []verdict.Warning{{Code: "too-few-rounds", Message: "only 6 rounds were measured"}},
	}
}
