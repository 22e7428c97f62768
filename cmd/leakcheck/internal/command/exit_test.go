package command

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/leakcheck/leakcheck/harness"
	"github.com/leakcheck/leakcheck/scenarios"
)

func TestPrintError(t *testing.T) {
	tests := []struct {
		name string
		err  error
		want string
		code int
	}{
		{"none", nil, "", 0},
		{"reported", Reported(3), "", 3},
		{"usage", BadUsage("try --help", "unknown flag: %s", "--x"), "error: unknown flag: --x\nhint: try --help\n", 2},
		{"wrapped", fmt.Errorf("demo: %w", BadMachine("", "no room")), "error: demo: no room\n", 4},
		{
			"target with its last words",
			&harness.Error{Kind: harness.TargetFailed, Err: errors.New("it died"), Hint: "mend it", Detail: "boom\n  at x.js:1\n"},
			"error: it died\n  | boom\n  |   at x.js:1\nhint: mend it\n", 4,
		},
		{"load", &harness.Error{Kind: harness.LoadFailed, Err: errors.New("all answers were 500")}, "error: all answers were 500\n", 5},
		{"scenario", scenarios.Problems{{File: "a.yaml", Line: 2, Col: 1, Message: "unknown key"}}, "a.yaml:2:1: unknown key\n", 2},
		{"anything else", errors.New("disk on fire"), "error: disk on fire\n", 4},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b bytes.Buffer
			PrintError(&b, tt.err)
			if got := b.String(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if got := CodeOf(tt.err); got != tt.code {
				t.Errorf("exit code: got %d, want %d", got, tt.code)
			}
		})
	}
}
