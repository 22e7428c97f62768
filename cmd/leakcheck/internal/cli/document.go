package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/leakcheck/leakcheck/harness"
	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/verdict"
	"github.com/leakcheck/leakcheck/verdict/compare"
	"github.com/leakcheck/leakcheck/verdict/report"
)

// conclude judges what was recorded, however the run ended. The error is one
// of leakcheck's own: a recording that it cannot judge.
func conclude(rec *recording.Recording, base *compare.Baseline, runErr error, sig os.Signal, inconclusive int) (report.Document, error) {
	doc := report.Document{Recording: rec}
	if rec != nil {
		v, err := verdict.Judge(rec, verdict.Options{})
		if err != nil && runErr == nil {
			return doc, fmt.Errorf("judge run: %w", err)
		}
		doc.Verdict = v
		tolerate(base, v, rec)
	}
	doc.Outcome, doc.ExitCode = settle(doc.Verdict, runErr, sig, inconclusive)
	doc.Failure = failureOf(runErr, sig)
	return doc, nil
}

func failureOf(err error, sig os.Signal) *report.Failure {
	switch {
	case sig != nil:
		return &report.Failure{Message: "interrupted by " + sig.String()}
	case err != nil:
		hint, detail := advice(err)
		return &report.Failure{Message: err.Error(), Hint: hint, Detail: detail}
	}
	return nil
}

// settle is the outcome and the exit code of a run. A leak stands, however the
// run ended; without one, a failed run is failed, whatever else it says. Under
// git bisect run it is skipped: 4 and 5 would call its commit bad.
func settle(v *verdict.Verdict, err error, sig os.Signal, inconclusive int) (verdict.Outcome, int) {
	leaks := v != nil && v.Outcome == verdict.Leak
	switch {
	case leaks && sig != nil:
		return verdict.Leak, signalCode(sig)
	case sig != nil:
		return verdict.Inconclusive, signalCode(sig)
	case leaks:
		return verdict.Leak, exitLeak
	case err != nil && inconclusive == bisectSkip:
		return report.Failed, bisectSkip
	case err != nil:
		return report.Failed, codeOf(err)
	case v != nil && v.Outcome == verdict.Pass:
		return verdict.Pass, exitPass
	case inconclusive == exitPass && !measured(v):
		return verdict.Inconclusive, exitInconclusive // nothing measured is never 0
	}
	return verdict.Inconclusive, inconclusive
}

// measured says whether any endpoint was.
func measured(v *verdict.Verdict) bool {
	return v != nil && slices.ContainsFunc(v.Endpoints, func(e verdict.Endpoint) bool { return e.Requests > 0 })
}

// documentOf judges a recording as its run did.
func documentOf(name string) (report.Document, error) {
	path := recordingPath(name)
	rec, err := recording.ReadFile(path)
	if err != nil {
		return report.Document{}, badUsage("the recording of a run stands in its folder", "read %s: %w", path, err)
	}
	v, err := verdict.Judge(rec, verdict.Options{})
	if err != nil {
		return report.Document{}, badUsage("", "read %s: %w", path, err)
	}
	doc := report.Document{Verdict: v, Recording: rec, Dir: filepath.Dir(path), Source: name}
	failed := recordedFailure(rec)
	doc.Outcome, doc.ExitCode = settle(v, failed, nil, exitInconclusive)
	doc.Failure = failureOf(failed, nil)
	return doc, nil
}

// recordingPath is the recording of a run's folder, or the file itself.
func recordingPath(path string) string {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return filepath.Join(path, harness.RecordingFile)
	}
	return path
}

// recordedFailure is the error that the recorded run ended with. Nil when it
// ended in order, or was interrupted, which the verdict says by itself.
func recordedFailure(rec *recording.Recording) error {
	for _, e := range rec.Events {
		switch e.Kind {
		case recording.TargetExited, recording.OutOfMemory, recording.InspectorLost:
			return &harness.Error{Kind: harness.TargetFailed, Err: errorText(e.Message)}
		case recording.LoadFailed:
			return &harness.Error{Kind: harness.LoadFailed, Err: errorText(e.Message)}
		}
	}
	if rec.End == nil {
		return &harness.Error{Kind: harness.TargetFailed, Err: errorText("the recording ends before its run did: leakcheck was killed, or the disk was full")}
	}
	return nil
}

// errorText is an error that was recorded as text.
type errorText string

func (e errorText) Error() string { return string(e) }
