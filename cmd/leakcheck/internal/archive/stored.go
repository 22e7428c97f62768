package archive

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/harness"
	"github.com/leakcheck/leakcheck/loadgen/infile"
	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/verdict"
	"github.com/leakcheck/leakcheck/verdict/diagnose"
	"github.com/leakcheck/leakcheck/verdict/report"
)

// stored is as much of verdict.json as is read again. The numbers are judged
// anew from the recording.
type stored struct {
	Outcome  verdict.Outcome `json:"outcome"`
	ExitCode *int            `json:"exit_code"`
	Error    *report.Failure `json:"error"`
	Run      struct {
		ID        string    `json:"id"`
		StartedAt time.Time `json:"started_at"`
		Total     float64   `json:"total_s"`
	} `json:"run"`
	Scenario struct {
		Name string `json:"name"`
		Path string `json:"path"`
		Hash string `json:"hash"`
		Of   int    `json:"selected_of"`
	} `json:"scenario"`
	Environment struct {
		Commit string `json:"git_commit"`
	} `json:"environment"`
	Endpoints []storedEndpoint `json:"endpoints"`
}

type storedEndpoint struct {
	Name     string                   `json:"name"`
	Identity string                   `json:"identity"`
	Outcome  verdict.Outcome          `json:"outcome"`
	Value    unit.BytesPerRequest     `json:"bytes_per_request"`
	Interval *[2]unit.BytesPerRequest `json:"interval"`
}

// maxStored bounds what is read of a run beside its recording, in bytes.
const maxStored = 100e6

func readStored(dir string) (*stored, error) {
	text, err := infile.ReadRegular(filepath.Join(dir, verdictFile), maxStored)
	if err != nil {
		return nil, err
	}
	s := new(stored)
	if err := json.Unmarshal(text, s); err != nil {
		return nil, err
	}
	return s, nil
}

// LoadRun makes the document of a run's folder, or of a recording alone. What
// the run exited with, verdict.json knows; without it, it is judged anew.
func LoadRun(path string, inconclusive int) (report.Document, error) {
	file := RecordingPath(path)
	dir := filepath.Dir(file)
	doc := report.Document{Dir: dir, Source: path}
	rec, err := recording.ReadFile(file)
	was, storedErr := readStored(dir)
	if filepath.Base(file) != harness.RecordingFile {
		storedErr = fs.ErrNotExist // a verdict beside it may be another recording's
	}
	switch {
	case errors.Is(err, fs.ErrNotExist) && storedErr == nil:
		doc.Source = ""
	case err != nil:
		return doc, command.BadUsage("the recording of a run is "+harness.RecordingFile+" in its folder", "read %s: %w", file, err)
	default:
		doc.Recording = rec
		if doc.Verdict, err = verdict.Judge(rec, verdict.Options{}); err != nil {
			return doc, command.BadUsage("", "%w", err)
		}
		SettleDocument(&doc, RecordedFailure(rec), nil, inconclusive)
		doc.Previous = PreviousRuns(filepath.Dir(dir), &rec.Header)
		if filepath.Base(file) == harness.RecordingFile {
			doc.Diagnosis, err = readDiagnosis(dir)
		}
		if err != nil {
			return doc, command.BadUsage("", "%w", err)
		}
	}
	if storedErr == nil && was.ExitCode != nil {
		doc.Outcome, doc.ExitCode, doc.Failure, doc.Scenario = was.Outcome, *was.ExitCode, was.Error, was.Scenario.Path
	}
	return doc, nil
}

// readDiagnosis reads what was found out about a run's leaks, nil when nothing
// was looked into.
func readDiagnosis(dir string) (*diagnose.Diagnosis, error) {
	text, err := infile.ReadRegular(filepath.Join(dir, diagnosisFile), maxStored)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read diagnosis: %w", err)
	}
	d := new(diagnose.Diagnosis)
	if err := json.Unmarshal(text, d); err != nil {
		return nil, fmt.Errorf("read diagnosis: %w", err)
	}
	return d, nil
}

// How many earlier runs are compared with, and how many folders are looked
// into for them.
const (
	previousShown  = 5
	previousLooked = 100
)

// PreviousRuns are the latest runs below dir that measured the same of the scenario's
// endpoints before. Folders without a verdict are passed over: they are other runs in
// progress, or ones that were killed.
func PreviousRuns(dir string, h *recording.Header) []report.Past {
	entries, err := os.ReadDir(dir) // sorted by name, and so by time
	if err != nil {
		return nil
	}
	var out []report.Past
	looked := 0
	for _, e := range slices.Backward(entries) {
		if !e.IsDir() || e.Name() >= h.RunID {
			continue
		}
		if looked++; looked > previousLooked || len(out) == previousShown {
			break
		}
		if s, err := readStored(filepath.Join(dir, e.Name())); err == nil && s.keepSame(h) {
			out = append(out, s.past())
		}
	}
	return out
}

// keepSame keeps the endpoints of which the run measured the same as the run of h, and
// reports whether there are any.
func (s *stored) keepSame(h *recording.Header) bool {
	if s.Scenario.Name != h.Scenario.Name {
		return false
	}
	identities := map[string]string{}
	for _, e := range h.Endpoints {
		identities[e.Name] = e.Identity
	}
	s.Endpoints = slices.DeleteFunc(s.Endpoints, func(e storedEndpoint) bool {
		now, known := identities[e.Name]
		if e.Identity == "" { // of an older release
			return !known || s.Scenario.Hash != h.Scenario.Hash
		}
		return e.Identity != now
	})
	return len(s.Endpoints) > 0
}

func (s *stored) past() report.Past {
	p := report.Past{ID: s.Run.ID, StartedAt: s.Run.StartedAt, Commit: s.Environment.Commit, Outcome: s.Outcome}
	for _, e := range s.Endpoints {
		past := report.PastEndpoint{Name: e.Name, Outcome: e.Outcome}
		if e.Interval != nil {
			past.Retained = verdict.Estimate{Value: e.Value, Low: e.Interval[0], High: e.Interval[1]}
		}
		p.Endpoints = append(p.Endpoints, past)
	}
	return p
}

// RecordedDurations are how long the latest run of each scenario below dir
// took, by the scenario's path. Runs of some of its endpoints do not count.
func RecordedDurations(dir string) map[string]time.Duration {
	out := map[string]time.Duration{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return out // no runs yet
	}
	for _, e := range entries { // by time, so that the latest stays
		s, err := readStored(filepath.Join(dir, e.Name()))
		if err == nil && s.Run.Total > 0 && s.Scenario.Of == 0 {
			out[s.Scenario.Path] = time.Duration(s.Run.Total * float64(time.Second))
		}
	}
	return out
}
