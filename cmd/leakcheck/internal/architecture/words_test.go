package architecture_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// oldWords are names that things had before each had one, and what is said now.
var oldWords = []struct{ was, now string }{
	{`guilty|innocents?|Guilty|Innocent`, "leaking, healthy"},
	{`[Mm]ade[- ]?up|madeUp`, "simulated, or generated"},
	{`gait|strides?|crews?`, "lockstep, workers"},
	{`hopeless|Hopeless`, "cannotLand, CannotPass"},
	{`quiesces?|[Dd]rained`, "disconnected, released"},
	{`touches|fullLimit|spreadOf|afresh`, "probeRequests, diedOfMemory, robustSD, again"},
	{`TogetherName|checksSum|DetectionLimit|PassTime|DrainFrom`, "InteractionName, MinDetectable, AdvanceClock, ReleasedFrom"},
	{`Forward|mustForward`, "AdvanceClock"},
	{`detects`, "min. detectable"},
	{`pass_time|time-passed|transient-memory`, "advance_clock, clock-advanced"},
	{`load-not-landed|thin-evidence|shared-port|silent-worker`, "requests-failed, too-few-rounds, multiple-processes, worker-unresponsive"},
	{`detection_limit_(mb|bytes)_per_(hour|request)|stepped_bytes_per_request`, "min_detectable_*, resize_bytes_per_request"},
}

// mayHaveOldWords read files of before, tell of what was renamed, or list it as here.
var mayHaveOldWords = []string{
	"CHANGELOG.md", "cmd/leakcheck/internal/architecture/words_test.go",
	"sampler/recording/oldnames.go", "sampler/recording/recording_test.go",
	"scenarios/decode.go", "scenarios/identity.go", "scenarios/hash_test.go", "docs/scenario.md",
	"verdict/report/json.go",
}

// textFiles are the kinds of files that people read.
var textFiles = []string{".go", ".js", ".md", ".yaml", ".yml", ".gohtml", ".css", ".txt", ".golden"}

// checkWords lists the old words in a file, with their lines.
func checkWords(file string, text []byte) []string {
	var found []string
	for _, w := range oldWords {
		pattern := regexp.MustCompile(`\b(` + w.was + `)\b`)
		for _, at := range pattern.FindAllIndex(text, -1) {
			line := 1 + bytes.Count(text[:at[0]], []byte("\n"))
			found = append(found, fmt.Sprintf("%s:%d: %q\n\twhy not: one thing has one name, and here it is %s", file, line, text[at[0]:at[1]], w.now))
		}
	}
	return found
}

func TestWords(t *testing.T) {
	root := os.DirFS(filepath.Join("..", "..", "..", ".."))
	err := fs.WalkDir(root, ".", func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		// The documents in scenarios/draft/testdata are by others.
		case d.IsDir() && file != "." && (slices.Contains(leftovers, path.Base(file)) || file == "scenarios/draft/testdata"):
			return fs.SkipDir
		case d.IsDir(), !slices.Contains(textFiles, path.Ext(file)), slices.Contains(mayHaveOldWords, file):
			return nil
		}
		text, err := fs.ReadFile(root, file)
		for _, found := range checkWords(file, text) {
			t.Error(found)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestCheckWords(t *testing.T) {
	const text = "// a healthy app\n// the guilty endpoint, which detects\n"
	if got := checkWords("a.go", []byte(text)); len(got) != 2 || !strings.HasPrefix(got[0], `a.go:2: "guilty"`) {
		t.Errorf("got %q, want guilty and detects in line 2", got)
	}
}
