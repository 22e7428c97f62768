// Package archive keeps runs and finds them again: in their folders, in the
// history, and in baseline files. It makes documents of recordings.
package archive

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/harness"
	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/verdict"
	"github.com/leakcheck/leakcheck/verdict/compare"
	"github.com/leakcheck/leakcheck/verdict/report"
)

// Conclude judges what was recorded, however the run ended. The error is one
// of leakcheck's own: a recording that it cannot judge.
func Conclude(rec *recording.Recording, base *compare.Baseline, runErr error, sig os.Signal, inconclusive int) (report.Document, error) {
	doc := report.Document{Recording: rec}
	if rec != nil {
		v, err := verdict.Judge(rec, verdict.Options{})
		if err != nil && runErr == nil {
			return doc, fmt.Errorf("judge run: %w", err)
		}
		doc.Verdict = v
		Tolerate(base, v, rec)
	}
	SettleDocument(&doc, runErr, sig, inconclusive)
	return doc, nil
}

// SettleDocument says in the document how its run ended: with an error, by a
// signal, or in order.
func SettleDocument(doc *report.Document, runErr error, sig os.Signal, inconclusive int) {
	doc.Outcome, doc.ExitCode = settle(doc.Verdict, runErr, sig, inconclusive)
	switch {
	case sig != nil:
		doc.Failure = &report.Failure{Message: "interrupted by " + sig.String()}
	case runErr != nil:
		hint, detail := command.Advice(runErr)
		doc.Failure = &report.Failure{Message: runErr.Error(), Hint: hint, Detail: detail}
	}
}

// settle is the outcome and the exit code of a run. A leak stands, however the
// run ended; without one, a failed run is failed, whatever else it says. Under
// git bisect run it is skipped: 4 and 5 would call its commit bad.
func settle(v *verdict.Verdict, err error, sig os.Signal, inconclusive int) (verdict.Outcome, int) {
	leaks := v != nil && v.Outcome == verdict.Leak
	switch {
	case leaks && sig != nil:
		return verdict.Leak, command.SignalCode(sig)
	case sig != nil:
		return verdict.Inconclusive, command.SignalCode(sig)
	case leaks:
		return verdict.Leak, command.ExitLeak
	case err != nil && inconclusive == command.BisectSkip:
		return report.Failed, command.BisectSkip
	case err != nil:
		return report.Failed, command.CodeOf(err)
	case v != nil && v.Outcome == verdict.Pass:
		return verdict.Pass, command.ExitPass
	case inconclusive == command.ExitPass && !measured(v):
		return verdict.Inconclusive, command.ExitInconclusive // nothing measured is never 0
	}
	return verdict.Inconclusive, inconclusive
}

// measured reports whether any endpoint was.
func measured(v *verdict.Verdict) bool {
	return v != nil && slices.ContainsFunc(v.Endpoints, func(e verdict.Endpoint) bool { return e.Requests > 0 })
}

// DocumentOf judges a recording as its run did.
func DocumentOf(name string) (report.Document, error) {
	path := RecordingPath(name)
	rec, err := recording.ReadFile(path)
	if err != nil {
		return report.Document{}, command.BadUsage("the recording of a run is in its folder", "read %s: %w", path, err)
	}
	v, err := verdict.Judge(rec, verdict.Options{})
	if err != nil {
		return report.Document{}, command.BadUsage("", "read %s: %w", path, err)
	}
	doc := report.Document{Verdict: v, Recording: rec, Dir: filepath.Dir(path), Source: name}
	SettleDocument(&doc, RecordedFailure(rec), nil, command.ExitInconclusive)
	return doc, nil
}

// RecordingPath is the recording of a run's folder, or the file itself.
func RecordingPath(path string) string {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return filepath.Join(path, harness.RecordingFile)
	}
	return path
}

// RecordedFailure is the error that the recorded run ended with. Nil when it
// ended in order, or was interrupted, which the verdict says by itself.
func RecordedFailure(rec *recording.Recording) error {
	for _, e := range rec.Events {
		switch e.Kind {
		case recording.TargetExited, recording.OutOfMemory, recording.InspectorLost:
			return &harness.Error{Kind: harness.TargetFailed, Err: errorText(e.Message)}
		case recording.LoadFailed:
			return &harness.Error{Kind: harness.LoadFailed, Err: errorText(e.Message)}
		}
	}
	if rec.Damaged != "" {
		return &harness.Error{Kind: harness.TargetFailed, Err: errorText("the recording is damaged: " + rec.Damaged), Hint: "the verdict is of what stands before; take the file from where it was written"}
	}
	if rec.End == nil {
		return &harness.Error{Kind: harness.TargetFailed, Err: errorText("the recording ends before its run did: leakcheck was killed, or the disk was full")}
	}
	return nil
}

// errorText is an error that was recorded as text.
type errorText string

func (e errorText) Error() string { return string(e) }
