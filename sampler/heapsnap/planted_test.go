package heapsnap_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/leakcheck/leakcheck/sampler/heapsnap"
	"github.com/leakcheck/leakcheck/tools/testenv"
)

// What testdata/plant.js plants has one word in common, which is in its source
// only in two halves.
const planted = "lanted"

// A copy has none of the secrets that a program has in any kind of string, be it
// taken by the program itself or by a client that tracks allocations.
func TestRedactsEverythingPlanted(t *testing.T) {
	if testing.Short() {
		t.Skip("downloads Node")
	}
	for _, major := range []int{18, 20, 22, 24, 26} {
		for _, by := range []string{"program", "inspector"} {
			t.Run(fmt.Sprintf("node%d/%s", major, by), func(t *testing.T) {
				t.Parallel()
				raw := plantedSnapshot(t, major, by)
				for _, secret := range []string{
					"regexp", "symbolKey", "jsonInner", "wasmName", "templateCache", "tagOfClass", "errorStack", "consoleObject",
					"weakKey", "vmQuery", "sliced", "external", "httpHeader", "accessor", "twoByte",
				} {
					if !bytes.Contains(raw, []byte(planted+" "+secret)) {
						t.Errorf("%s is not in the original", secret)
					}
				}
				var out bytes.Buffer
				if _, err := heapsnap.Redact(&out, bytes.NewReader(raw)); err != nil {
					t.Fatal(err)
				}
				text := out.Bytes()
				for i := bytes.Index(text, []byte(planted)); i >= 0; i = bytes.Index(text, []byte(planted)) {
					t.Errorf("the copy has %.60q", text[max(0, i-20):])
					text = text[i+len(planted):]
				}
				for _, name := range []string{"plant.js", "IncomingMessage", "keepAliveTimeout"} {
					if !bytes.Contains(out.Bytes(), []byte(name)) {
						t.Errorf("the copy is without %s", name)
					}
				}
			})
		}
	}
}

func plantedSnapshot(t *testing.T, major int, by string) []byte {
	t.Helper()
	node, err := testenv.FindNode(t.Context(), major)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "planted.heapsnapshot")
	cmd := exec.CommandContext(t.Context(), node.Path, "--inspect=127.0.0.1:0", "testdata/plant.js", file, by)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
