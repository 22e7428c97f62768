package catalog

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// TestHundredScenario finds a scenario that is not what its generator writes.
func TestHundredScenario(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "node", "hundred-endpoints/scenario.js", "100")
	got, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	want, err := files.ReadFile("hundred-endpoints/scenario.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Error("scenario.yaml differs: node scenario.js >scenario.yaml in the app's folder")
	}
}

// serveThousands tells the leaks of 40,000 answers of each endpoint named, and
// prints how many bytes each round retains. Compiled code would count as well, so
// that none is compiled.
const serveThousands = `
const { served } = require('./hundred-endpoints/leaks.js');
const heap = () => (gc(), gc(), process.memoryUsage().heapUsed);
const serve = (rounds) => { for (let i = 0; i < rounds; i++) process.argv.slice(1).forEach(served); };
serve(20000);
const rounds = 40000, before = heap();
serve(rounds);
console.log((heap() - before) / rounds);`

func TestHundredLeaks(t *testing.T) {
	tests := []struct {
		environment string
		asked       []string
		least, most float64 // bytes of each round
	}{
		{"LEAK=a", []string{"a", "b"}, 190, 225},
		{"LEAK=a,b", []string{"a", "b"}, 380, 450},
		{"LEAK=a", []string{"b"}, -10, 10},
		{"LEAK_PAIR=a,b", []string{"a", "b"}, 190, 225},
		{"LEAK_PAIR=a,b", []string{"a"}, -10, 10},
		{"LEAK_PAIR=a,b", []string{"b"}, -10, 10},
	}
	for _, test := range tests {
		cmd := exec.CommandContext(t.Context(), "node", append([]string{"--expose-gc", "--jitless", "-e", serveThousands}, test.asked...)...)
		cmd.Env = append(os.Environ(), test.environment)
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		got, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
		if err != nil {
			t.Fatal(err)
		}
		if got < test.least || got > test.most {
			t.Errorf("%s, asked %v: %.1f B a round, want %.0f to %.0f", test.environment, test.asked, got, test.least, test.most)
		}
	}
}
