package sources_test

import (
	"testing"

	"github.com/leakcheck/leakcheck/sampler/sources"
)

// FuzzSourceMap: whatever a script and its source map say, a place of the script is
// a place of some file.
func FuzzSourceMap(f *testing.F) {
	const mapped = `{"version":3,"sources":["src/app.ts"],"names":[],"mappings":"AAAA;AACA","sourcesContent":["keep(x)\n"]}`
	f.Add("keep(x)\n//# sourceMappingURL=app.js.map\n", mapped, 0, 0)
	f.Add("keep(x)\n//# sourceMappingURL=data:application/json;base64,e30=\n", "", 1, 5)
	f.Add("//# sourceMappingURL=%zz\n", `{"version":3,"sections":[]}`, -1, 1<<30)
	f.Fuzz(func(t *testing.T, script, text string, line, column int) {
		r := sources.New(files{"/app/app.js": script, "/app/app.js.map": text}, "/app")
		if at := r.Frame("keep", "/app/app.js", line, column); at.File == "" {
			t.Errorf("%d:%d is nowhere: %+v", line, column, at)
		}
	})
}
