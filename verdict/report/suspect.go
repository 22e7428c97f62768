package report

import (
	"cmp"
	"fmt"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/leakcheck/leakcheck/sampler/evidence"
	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/verdict"
	"github.com/leakcheck/leakcheck/verdict/diagnose"
)

// suspect is a diagnosis' explanation of a leak, as the formats show it.
type suspect struct {
	Title      string // what accumulates: "+1.00 map entry per request"
	PerRequest unit.BytesPerRequest
	Portion    string   // ", 71 % of the growth"; "" for all of it
	Where      string   // "server.js:12 in record"
	Path       []string // what keeps it alive, from the root on
	Pattern    diagnose.Advice
	Fix        *diagnose.Fix
	Excerpt    *evidence.Excerpt
	Confidence diagnose.Confidence
	Reasons    []string
	place      place
}

// place is a position in the source. The zero value is none; a line of 0 is
// the file as a whole.
type place struct {
	file string
	line int
}

// suspects are those of one endpoint, the likeliest first.
func (d *Document) suspects(endpoint string) []suspect {
	if d.Diagnosis == nil {
		return nil
	}
	var out []suspect
	for i := range d.Diagnosis.Findings {
		f := &d.Diagnosis.Findings[i]
		if f.Endpoint != endpoint {
			continue
		}
		for k := range f.Suspects {
			out = append(out, d.newSuspect(endpoint, &f.Suspects[k]))
		}
	}
	return out
}

func (d *Document) newSuspect(endpoint string, s *diagnose.Suspect) suspect {
	out := suspect{
		Title: s.Amount(), PerRequest: s.Bytes, Portion: d.portion(endpoint, s), Where: where(s),
		Pattern: s.Pattern.Advice(), Fix: s.Remedy(), Excerpt: s.Excerpt, Confidence: s.Confidence, Reasons: s.Reasons,
	}
	if s.Isolate != "" {
		out.Title += ", in " + s.Isolate
	}
	if s.Holder != nil {
		out.Path = s.Holder.Path
		if len(out.Path) == 0 {
			out.Path = []string{held(s.Holder)}
		}
	}
	if s.At.Origin == evidence.App && s.At.File != "" {
		out.place = place{d.source(s.At.File), s.At.Line}
	}
	return out
}

// Code are the lines of the excerpt, each with its number, and whether it is the
// one that is suspected.
func (s *suspect) Code() []codeLine {
	if s.Excerpt == nil {
		return nil
	}
	lines := make([]codeLine, len(s.Excerpt.Lines))
	for i, text := range s.Excerpt.Lines {
		n := s.Excerpt.First + i
		lines[i] = codeLine{n, strings.ReplaceAll(text, "\t", "  "), n == s.Excerpt.Line}
	}
	return lines
}

type codeLine struct {
	Number int
	Text   string
	Marked bool
}

// where names a suspect's place, and says of one that is only inferred that it is.
func where(s *diagnose.Suspect) string {
	if s.Confidence == diagnose.Low {
		return "probably " + s.Where()
	}
	return s.Where()
}

// nearlyAll is the part of the growth that is not worth telling from all of it.
const nearlyAll = 0.95

// portion is how much of the growth a suspect explains: ", 71 % of the growth",
// or "" where that is about all, or not known.
func (d *Document) portion(endpoint string, s *diagnose.Suspect) string {
	if d.Verdict == nil {
		return ""
	}
	for _, e := range d.Verdict.All() {
		if part := float64(s.Bytes / e.Retained.Value); e.Name == endpoint && part > 0 && part < nearlyAll {
			return fmt.Sprintf(", %.0f %% of the growth", 100*part)
		}
	}
	return ""
}

// size is " (+2383 B, 71 % of the growth)".
func size(bytes unit.BytesPerRequest, portion string) string {
	if bytes < 1 {
		return ""
	}
	return fmt.Sprintf(" (+%.0f B%s)", float64(bytes), portion)
}

// source is where a file of the target lies, relative to the root of its
// repository. Outside of one it is seen from where the scenario's path is, and
// the target's folder is taken for that of its scenario.
func (d *Document) source(file string) string {
	switch r := d.repository(); {
	case filepath.IsAbs(file):
		if rel, err := filepath.Rel(r.Root, file); err == nil && filepath.IsLocal(rel) {
			return filepath.ToSlash(rel)
		}
		return file
	case r.Root != "":
		return path.Join(r.Target, file)
	}
	return path.Join(path.Dir(filepath.ToSlash(d.path())), file)
}

// scenarioFile is the scenario as CI systems find it: relative to the root of
// the repository, where it is in one.
func (d *Document) scenarioFile() string {
	return cmp.Or(d.repository().Scenario, d.path())
}

func (d *Document) repository() recording.Repository {
	if d.Recording == nil {
		return recording.Repository{}
	}
	return d.Recording.Header.Environment.Repository
}

// line is a suspect in one line: where, what, how much, and of which kind.
func (s *suspect) line() string {
	text := s.Where + ": " + s.Title + size(s.PerRequest, s.Portion)
	if s.Pattern.Title != "" {
		text += ", " + s.Pattern.Title
	}
	return text
}

// Past is an earlier run of the same scenario, for comparison.
type Past struct {
	ID        string
	StartedAt time.Time
	Commit    string
	Outcome   verdict.Outcome
	Endpoints []PastEndpoint
}

// PastEndpoint is what an earlier run said of an endpoint.
type PastEndpoint struct {
	Name     string
	Outcome  verdict.Outcome
	Retained verdict.Estimate
}
