package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/leakcheck/leakcheck/sampler/evidence"
	"github.com/leakcheck/leakcheck/verdict/diagnose"
)

// suspectJSON is what a diagnosis suspects, in a verdict's document. All of the
// evidence is in diagnosis.json.
type suspectJSON struct {
	File        string              `json:"file" jsonschema:"relative to the target's folder, where it lies below it"`
	Line        int                 `json:"line"`
	Function    string              `json:"function"`
	Package     string              `json:"package" jsonschema:"that does it on behalf of file and line; empty when these do it themselves"`
	PackageFile string              `json:"package_file" jsonschema:"where the package does it"`
	PackageLine int                 `json:"package_line"`
	Original    *evidence.Original  `json:"original" jsonschema:"the source that the named line was compiled from, where it is not there; null where it is, or nothing was compiled"`
	Pattern     diagnose.Pattern    `json:"pattern" jsonschema:"leakcheck explain prints what it means"`
	Confidence  diagnose.Confidence `json:"confidence" jsonschema:"high, medium or low"`
	Thing       string              `json:"thing" jsonschema:"what accumulates"`
	PerUnit     *float64            `json:"per_request" jsonschema:"how many of them; of the background, per second; null where they were not counted"`
	Bytes       *float64            `json:"bytes_per_request" jsonschema:"that it explains; null where that is not known"`
	Holder      string              `json:"holder" jsonschema:"what keeps them alive"`
	Fix         *diagnose.Fix       `json:"fix" jsonschema:"null where the pattern is only inferred"`
}

// suspectsJSON are those of one endpoint, or of the background ("").
func suspectsJSON(d *Document, endpoint string) []suspectJSON {
	out := []suspectJSON{}
	if d.Diagnosis == nil {
		return out
	}
	for i := range d.Diagnosis.Findings {
		if f := &d.Diagnosis.Findings[i]; f.Endpoint == endpoint {
			for k := range f.Suspects {
				out = append(out, newSuspectJSON(&f.Suspects[k]))
			}
		}
	}
	return out
}

func newSuspectJSON(s *diagnose.Suspect) suspectJSON {
	out := suspectJSON{
		File: s.At.File, Line: s.At.Line, Function: s.At.Function, Package: s.At.Package, Original: s.At.Original,
		Pattern: s.Pattern, Confidence: s.Confidence, Thing: s.Thing,
		PerUnit: positive(s.PerUnit), Bytes: positive(s.Bytes), Holder: held(s.Holder), Fix: s.Remedy(),
	}
	if s.Within != nil {
		out.Package, out.PackageFile, out.PackageLine, out.Original = s.Within.Package, s.Within.File, s.Within.Line, s.Within.Original
	}
	return out
}

// DiagnosisSchema describes what DiagnosisJSON writes.
func DiagnosisSchema() ([]byte, error) {
	s, err := jsonschema.For[diagnose.Diagnosis](nil)
	if err != nil {
		return nil, fmt.Errorf("derive diagnosis schema: %w", err)
	}
	s.Schema = "https://json-schema.org/draft/2020-12/schema"
	s.Title = "leakcheck diagnosis"
	open(s)
	out, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode diagnosis schema: %w", err)
	}
	return append(out, '\n'), nil
}

// StoredSuspects prints what a document of JSON suspects, a line for each.
func StoredSuspects(w io.Writer, document []byte) error {
	d, err := readDocument(document)
	if err != nil {
		return err
	}
	var b strings.Builder
	for i := range d.Endpoints {
		writeStored(&b, d.Endpoints[i].Name, d.Endpoints[i].Suspects)
	}
	if d.Interaction != nil {
		writeStored(&b, d.Interaction.Name, d.Interaction.Suspects)
	}
	if d.Background != nil {
		writeStored(&b, "background", d.Background.Suspects)
	}
	_, err = io.WriteString(w, b.String())
	return err
}

// readDocument reads a document of any version. Version 1 called the interaction
// "together".
func readDocument(text []byte) (*documentJSON, error) {
	var d struct {
		documentJSON
		Together *endpointJSON `json:"together"`
	}
	if err := json.Unmarshal(text, &d); err != nil {
		return nil, fmt.Errorf("read document: %w", err)
	}
	if d.Schema < 2 {
		d.Interaction = d.Together
	}
	return &d.documentJSON, nil
}

func writeStored(b *strings.Builder, name string, all []suspectJSON) {
	for _, s := range all {
		where := s.File + ":" + strconv.Itoa(s.Line)
		if s.Function != "" {
			where += " in " + s.Function
		}
		if s.PackageFile != "" {
			where += fmt.Sprintf(", through %s:%d (%s)", s.PackageFile, s.PackageLine, s.Package)
		}
		hang(b, Style{}, "\n  Suspect of "+name+": ", fmt.Sprintf("%s: %s, %s confidence", where, s.Pattern.Advice().Title, s.Confidence), "")
	}
}
