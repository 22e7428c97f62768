package scenarios_test

import (
	"errors"
	"testing"

	"github.com/leakcheck/leakcheck/scenarios"
)

// A misspelt key is one problem, and not also a missing key.
func TestMisspelt(t *testing.T) {
	const rest = "\nendpoints: [{name: home, request: GET /}]\n"
	tests := []struct{ name, text, want string }{
		{"command", "version: 1\nname: a\ntarget: {comand: [node, a.js]}" + rest, `unknown key "comand"`},
		{"container", "version: 1\nname: a\ntarget: {contaner: {image: a}}" + rest, `unknown key "contaner"`},
		{"attach", "version: 1\nname: a\ntarget: {atach: {url: a}}" + rest, `unknown key "atach"`},
		{"name of the scenario", "version: 1\nNAME: a\ntarget: {command: [node]}" + rest, `unknown key "NAME"`},
		{"beside the right one", "version: 1\nname: a\nnames: b\ntarget: {command: [node]}" + rest, `unknown key "names"`},
		{"before the right one", "version: 1\nnames: b\nname: a\ntarget: {command: [node]}" + rest, `unknown key "names"`},
	}
	for _, tt := range tests {
		_, err := scenarios.Parse("scenario.yaml", []byte(tt.text))
		problems, ok := errors.AsType[scenarios.Problems](err)
		if !ok || len(problems) != 1 || problems[0].Message != tt.want {
			t.Errorf("%s: got %v, want %s alone", tt.name, err, tt.want)
		}
	}
}
