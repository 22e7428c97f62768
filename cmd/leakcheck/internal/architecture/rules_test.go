package architecture_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// rule restricts what some packages import. Patterns are package names, where
// "x/..." is x and all below it.
type rule struct {
	why  string
	from []string // the packages it holds for
	not  []string // exceptions to from

	// One of these says what is restricted.
	ours   []string // of ours, only these may be imported
	never  []string // none of these may be imported
	notAll []string // one package may import some of these patterns, not all
}

var everything = []string{"..."}

// leaf is the meaning of ours for a package that imports nothing of ours.
var leaf = []string{}

var rules = []rule{
	{
		why:  "a leaf holds data and knows nothing above it, so that everything may use it",
		from: []string{"loadgen/infile", "loadgen/jsonpointer", "loadgen/rows", "loadgen/template", "sampler/recording/printable", "sampler/recording/unit", "scenarios/jsparse"},
		ours: leaf,
	},
	{
		why:  "a recording is data and its codec: it must outlive how it was measured and how it is judged",
		from: []string{"sampler/recording"},
		ours: []string{"sampler/recording/printable", "sampler/recording/unit"},
	},
	{
		why:  "evidence is data: it must outlive how it was gathered and what is made of it",
		from: []string{"sampler/evidence"},
		ours: []string{"sampler/recording/..."},
	},
	{
		why:  "the heap snapshot parser is a leaf, usable without a target",
		from: []string{"sampler/heapsnap/..."},
		ours: []string{"sampler/heapsnap/..."},
	},
	{
		why:  "the file format is read by editors and by validate, which measure nothing",
		from: []string{"scenarios"},
		ours: []string{"loadgen/infile", "loadgen/jsonpointer", "loadgen/rows", "loadgen/template", "sampler/recording/printable", "sampler/recording/unit"},
	},
	{
		why:  "the catalog is scenario files and their apps: it runs nothing itself",
		from: []string{"scenarios/catalog/..."},
		ours: []string{"scenarios/...", "loadgen/template", "sampler/recording/unit"},
	},
	{
		why:  "what production records is read without knowing who asks: drafts and plans do",
		from: []string{"scenarios/rates"},
		ours: []string{"loadgen/infile", "sampler/recording/unit"},
	},
	{
		why:  "routes are found in source code without running it",
		from: []string{"scenarios/routes"},
		ours: []string{"scenarios/jsparse"},
	},
	{
		why:  "a draft is text made from files: it starts and measures nothing",
		from: []string{"scenarios/draft"},
		ours: []string{"loadgen/infile", "loadgen", "scenarios", "scenarios/rates", "scenarios/routes", "sampler/recording/unit"},
	},
	{
		why:   "OpenAPI's reader brings a dozen modules: one package pays for it",
		from:  everything,
		not:   []string{"scenarios/draft"},
		never: []string{"github.com/getkin/kin-openapi/..."},
	},
	{
		why:   "esbuild is large: one package turns source code into a syntax tree for all who look at it",
		from:  everything,
		not:   []string{"scenarios/jsparse"},
		never: []string{"github.com/evanw/esbuild/..."},
	},
	{
		why:  "a Compose file becomes services of a scenario: it starts nothing",
		from: []string{"scenarios/compose"},
		ours: []string{"loadgen/infile", "scenarios", "sampler/recording/unit"},
	},
	{
		why:   "Compose's loader brings its own YAML and schemas: one package pays for it",
		from:  everything,
		not:   []string{"scenarios/compose"},
		never: []string{"github.com/compose-spec/...", "github.com/sirupsen/..."},
	},
	{
		why:  "selftest's app is files: the command measures it",
		from: []string{"scenarios/selftest"},
		ours: leaf,
	},
	{
		why:  "load is sent and counted without knowing what is measured beside it",
		from: []string{"loadgen"},
		ours: []string{"loadgen/infile", "loadgen/jsonpointer", "loadgen/rows", "loadgen/template", "sampler/recording/..."},
	},
	{
		why:  "sampling observes any process: it must not know who loads it or what is judged",
		from: []string{"sampler/..."},
		ours: []string{"sampler/...", "scenarios/jsparse"},
	},
	{
		why:  "measuring and judging are separate: harness never imports verdict, the command hands it a function",
		from: []string{"harness/..."},
		ours: []string{"harness/...", "loadgen/...", "sampler/...", "scenarios", "scenarios/compose", "scenarios/rates"},
	},
	{
		why:   "a target is started, watched and stopped: what is asked of it is the harness's business",
		from:  []string{"harness/target/..."},
		never: []string{"harness", "loadgen/...", "scenarios/..."},
	},
	{
		why:  "a leak is looked into by way of a small interface: what a run is made of is the harness's business",
		from: []string{"harness/examine"},
		ours: []string{"harness/target", "sampler/..."},
	},
	{
		why:  "a driver is a process with a contract: when to load, and with what, is the harness's business",
		from: []string{"harness/driver"},
		ours: []string{"harness/target", "harness/target/proctree", "harness/target/watchdog", "loadgen"},
	},
	{
		why:  "a verdict is made from a recording alone, so that old recordings can be judged again offline",
		from: []string{"verdict/..."},
		not:  []string{"verdict/diagnose", "verdict/report"},
		ours: []string{"sampler/recording/...", "verdict/..."},
	},
	{
		why:  "a diagnosis joins a verdict and evidence that was gathered already, both of them data",
		from: []string{"verdict/diagnose", "verdict/report"},
		ours: []string{"sampler/recording/...", "sampler/evidence", "verdict/..."},
	},
	{
		why:   "a diagnosis explains a verdict and must not be able to change it",
		from:  []string{"verdict"},
		never: []string{"verdict/diagnose"},
	},
	{
		why:    "only the command joins measuring and judging",
		from:   everything,
		not:    []string{"cmd/..."},
		notAll: []string{"harness/...", "verdict/..."},
	},
	{
		why:   "commands stand on what they share, and not on each other: only the root knows them all",
		from:  []string{"cmd/leakcheck/internal/..."},
		not:   []string{"cmd/leakcheck/internal/cli", "cmd/leakcheck/internal/gendocs"},
		never: []string{"cmd/leakcheck/internal/cli/..."},
	},
	{
		why:  "how a command exits and prints errors must not depend on what it does",
		from: []string{"cmd/leakcheck/internal/command"},
		ours: []string{"harness", "sampler/recording/printable", "scenarios"},
	},
	{
		why:   "commands and tools assemble packages: nothing is built on them",
		from:  everything,
		not:   []string{"cmd/...", "tools/..."},
		never: []string{"cmd/...", "tools/..."},
	},
	{
		why:   "testcontainers-go brings 44 modules and scans the process table at start: one package pays for it",
		from:  everything,
		not:   []string{"harness/target/container"},
		never: []string{"github.com/testcontainers/testcontainers-go/..."},
	},
	{
		why:   "database drivers are large: one package pays for them",
		from:  everything,
		not:   []string{"cmd/leakcheck/internal/store"},
		never: []string{"database/sql/...", "modernc.org/...", "github.com/jackc/..."},
	},
	{
		why:   "flags and settings are the command's: packages take options",
		from:  everything,
		not:   []string{"cmd/..."},
		never: []string{"github.com/spf13/cobra/...", "github.com/spf13/viper/...", "github.com/spf13/pflag/..."},
	},
	{
		why:  "a verdict is a pure function of its recording: no I/O, no clock, no chance",
		from: purePackages,
		never: []string{
			"os/...", "net/...", "io/ioutil", "syscall", "math/rand/...", "crypto/rand",
			"golang.org/x/sys/...", "golang.org/x/exp/rand", "log/...", "sync/...",
		},
	},
}

// purePackages are those whose answers follow from what they are given alone:
// judging, explaining, and what compares verdicts. The command keeps
// them.
var purePackages = []string{"verdict", "verdict/diagnose", "verdict/history", "verdict/compare"}

// checkImports lists every breach, each with the rule's reason.
func checkImports(g graph, rules []rule) []string {
	var found []string
	for _, pkg := range slices.Sorted(maps.Keys(g)) {
		for _, r := range rules {
			if !matches(pkg, r.from) || matches(pkg, r.not) {
				continue
			}
			for _, bad := range r.breaches(g[pkg], g) {
				found = append(found, fmt.Sprintf("%s imports %s\n\twhy not: %s", pkg, bad, r.why))
			}
		}
	}
	return found
}

// breaches lists the imports that the rule does not allow.
func (r rule) breaches(imports []string, g graph) []string {
	var bad []string
	for _, path := range imports {
		_, isOurs := g[path]
		if r.ours != nil && isOurs && !matches(path, r.ours) || matches(path, r.never) {
			bad = append(bad, path)
		}
	}
	if joined := importsOfAll(imports, r.notAll); len(joined) > 0 {
		bad = append(bad, strings.Join(joined, " and "))
	}
	return bad
}

// importsOfAll returns an import for each pattern when every pattern has one.
func importsOfAll(imports, patterns []string) []string {
	var joined []string
	for _, p := range patterns {
		i := slices.IndexFunc(imports, func(path string) bool { return matches(path, []string{p}) })
		if i < 0 {
			return nil
		}
		joined = append(joined, imports[i])
	}
	return joined
}

// matches reports whether a package falls under one of the patterns.
func matches(pkg string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		if p == "..." {
			return true
		}
		stem, below := strings.CutSuffix(p, "/...")
		return pkg == stem || below && strings.HasPrefix(pkg, stem+"/")
	})
}
