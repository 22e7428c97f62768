package report_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/verdict"
	"github.com/leakcheck/leakcheck/verdict/report"
)

// Code scanning finds files by their paths in the repository, wherever in it the
// scenario and the target stand, and wherever leakcheck was called.
func TestPlaces(t *testing.T) {
	in := recording.Repository{Root: "/ci/shop", Target: "apps/api", Scenario: "load/leaks.yaml"}
	tests := []struct {
		name       string
		repository recording.Repository
		file       string
		suspect    string
		scenario   string
	}{
		{"in a repository", in, "lib/cart.js", "apps/api/lib/cart.js", "load/leaks.yaml"},
		{"a sibling of the target", in, "/ci/shop/shared/log.js", "shared/log.js", "load/leaks.yaml"},
		{"outside of the repository", in, "/opt/tools/log.js", "file:///opt/tools/log.js", "load/leaks.yaml"},
		{"the target at the root", recording.Repository{Root: "/ci/shop", Target: ".", Scenario: "leaks.yaml"}, "cart.js", "cart.js", "leaks.yaml"},
		{"the scenario outside", recording.Repository{Root: "/ci/shop", Target: "api"}, "cart.js", "api/cart.js", "../leaks/scenario.yaml"},
		{"no repository", recording.Repository{}, "cart.js", "../leaks/cart.js", "../leaks/scenario.yaml"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := fixture()
			d.Recording.Header.Scenario.Path = "../leaks/scenario.yaml"
			d.Recording.Header.Environment.Repository = tt.repository
			d.Diagnosis.Findings[0].Suspects[0].At.File = tt.file
			uris := sarifURIs(t, written(t, "sarif", report.Of(d)))
			if diff := cmp.Diff(map[string]string{"memory-leak": tt.suspect, "inconclusive": tt.scenario}, uris); diff != "" {
				t.Errorf("places (-want +got):\n%s", diff)
			}
			text := string(written(t, "annotations", report.Of(d)))
			file := strings.TrimPrefix(tt.suspect, "file://")
			if want := "file=" + file + ",line=12,title=" + title(verdict.Leak, "upload"); !strings.Contains(text, want) {
				t.Errorf("no %q in:\n%s", want, text)
			}
		})
	}
}

func title(o verdict.Outcome, endpoint string) string {
	return strings.ToUpper(string(o[:1])) + string(o[1:]) + "%3A " + endpoint
}

// sarifURIs is the place of the first result of each rule.
func sarifURIs(t *testing.T, text []byte) map[string]string {
	t.Helper()
	var log struct {
		Runs []struct {
			Results []struct {
				RuleID    string
				Locations []struct {
					PhysicalLocation struct{ ArtifactLocation struct{ URI string } }
				}
			}
		}
	}
	if err := json.Unmarshal(text, &log); err != nil {
		t.Fatal(err)
	}
	uris := map[string]string{}
	for _, r := range log.Runs[0].Results {
		if _, seen := uris[r.RuleID]; !seen && len(r.Locations) > 0 {
			uris[r.RuleID] = r.Locations[0].PhysicalLocation.ArtifactLocation.URI
		}
	}
	return uris
}
