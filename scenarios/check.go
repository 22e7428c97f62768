package scenarios

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording/printable"
)

// Bounds that only a mistake exceeds.
const (
	maxWorkers = 10_000
)

// checker looks for what decoding cannot see: values that are missing, out of
// range or at odds with each other. It fills in the defaults as it goes.
type checker struct {
	*decoder
	bodies map[string][]byte // files that decide what is sent, by their path
	ports  map[string]int    // of the services, by name; 0 where none is given
	// composed says that services come from a Compose file, which is not read
	// here: what they are named is not known.
	composed bool

	columns []string // of the test data of the endpoint that is being checked
	// anyColumn is set when its test data could not be read, which is said once.
	anyColumn bool
	captures  map[string]bool // set before the request that is being checked
}

func (c *checker) scenario(s *Scenario) {
	if c.required("", "version", "add version: 1") && s.Version != Version {
		c.fail("version", "", "version %d is not known: this leakcheck reads version 1", s.Version)
	}
	if c.required("", "name", "add a name for the scenario") {
		c.name("name", s.Name)
	}
	c.compose(s)
	c.services(s)
	if c.required("", "target", "add target: {command: [node, server.js]}") {
		c.target(&s.Target)
	}
	if s.Budget != nil {
		c.positive("budget", float64(*s.Budget))
	}
	if s.Background != nil && c.good("background") && c.required("background", "budget", "add budget: 1 MB/h") {
		c.positive("background.budget", float64(s.Background.Budget))
	}
	c.setup(s.Setup)
	if s.Rates != nil {
		c.rates(s.Rates)
	}
	if c.required("", "endpoints", "add at least one endpoint") {
		c.endpoints(s.Endpoints)
	}
	c.run(&s.Run)
	c.mode(s)
	c.diagnose(s)
}

// rates checks what can be checked without reading the file, which may be large.
func (c *checker) rates(r *Rates) {
	if c.good("rates") && c.required("rates", "from", "add from: access.log") {
		given := r.From
		r.From = c.resolved(given)
		if info := c.exists("rates.from", given, r.From); info != nil && info.IsDir() {
			c.fail("rates.from", "name the file in it", "from: %s is a folder", quote(given))
		}
	}
	c.timeout("rates.over", &r.Over, 0)
}

func (c *checker) target(t *Target) {
	switch {
	case c.has("target.attach"):
		c.attach(t)
	case c.has("target.container"):
		c.container(t)
	case c.required("target", "command", "add command: [node, server.js]"):
		c.command(t)
	}
	if c.good("target.prepare") && (len(t.Prepare) == 0 || t.Prepare[0] == "") {
		c.fail("target.prepare", "write it as [npm, ci]", "prepare: the program is missing")
	}
	c.env("target.env", t.Env)
	c.port("target.port", t.Port)
	c.dir(t)
	c.ready(&t.Ready)
	if c.good("target.inspect") && t.Inspect != "" && t.Inspect != InspectKeep {
		c.fail("target.inspect", "write keep, or leave it away", "inspect: %s is not known", quote(t.Inspect))
	}
	if t.TLS != nil && c.good("target.tls") {
		c.tls(t)
	}
}

func (c *checker) env(path string, env map[string]string) {
	for name, value := range env {
		at := join(path, name)
		if name == "" || strings.ContainsAny(name, "=\x00") {
			c.failKey(at, "", "%s cannot be the name of an environment variable", quote(name))
		}
		c.targetText(at, value)
	}
}

func (c *checker) port(path string, port int) {
	if port < 0 || port > 65535 {
		c.fail(path, "leave it away for a free port", "port: %d is not within 1 and 65535", port)
	}
}

func (c *checker) command(t *Target) {
	if len(t.Command) == 0 || t.Command[0] == "" {
		c.fail("target.command", "write it as [node, server.js]", "command: the program is missing")
	}
	c.targetTexts("target.command", t.Command)
}

func (c *checker) dir(t *Target) {
	given := t.Dir
	t.Dir = c.resolved(given)
	c.folder("target.dir", given, t.Dir)
}

// folder fails unless what the file gives at path as given is a folder.
func (c *checker) folder(path, given, resolved string) {
	if given == "" {
		return
	}
	if info := c.exists(path, given, resolved); info != nil && !info.IsDir() {
		c.fail(path, "", "%s%s is not a folder", label(path), quote(given))
	}
}

// exists is nil, and a problem, when there is no such file.
func (c *checker) exists(path, given, resolved string) os.FileInfo {
	info, err := os.Stat(resolved)
	if err != nil {
		c.fail(path, "it is relative to this file", "%s%s", label(path), fileProblem(given, err))
		return nil
	}
	return info
}

func (c *checker) ready(r *Ready) {
	const path = "target.ready"
	if r.Path != "" && !strings.HasPrefix(r.Path, "/") {
		c.fail(path+".path", "", "path: %s does not begin with /", quote(r.Path))
	}
	if c.has(path+".path") && c.has(path+".log") {
		c.fail(path+".log", "keep the one that says more", "ready: path and log cannot be combined")
	}
	if _, err := regexp.Compile(r.Log); err != nil {
		c.fail(path+".log", "", "log: %v", err)
	}
	c.timeout(path+".timeout", &r.Timeout, defaultReadyTimeout)
}

func (c *checker) run(r *Run) {
	if !c.has("run.confidence") {
		r.Confidence = defaultConfidence
	}
	if c.good("run.confidence") && !(r.Confidence > 0.5 && r.Confidence < 1) {
		c.fail("run.confidence", "0.99 is the default", "confidence: %v is not between 0.5 and 1", r.Confidence)
	}
	c.timeout("run.max_duration", &r.MaxDuration, defaultMaxDuration)
	if !c.has("run.workers") {
		r.Workers = defaultWorkers
	}
	c.workers("run.workers", r.Workers)
}

func (c *checker) mode(s *Scenario) {
	const path = "run.mode"
	modes := []string{ModeMixed, ModeSeparate, ModeScreening}
	switch {
	case !c.has(path) || !c.good(path):
	case !slices.Contains(modes, s.Run.Mode):
		c.fail(path, suggest(s.Run.Mode, modes), "mode: %s is not known", quote(s.Run.Mode))
	case s.Run.Mode == ModeMixed && len(s.Endpoints) == 1:
		c.fail(path, "leave it away, or add an endpoint", "mode: mixed needs two endpoints or more")
	}
}

func (c *checker) diagnose(s *Scenario) {
	d := &s.Diagnose
	c.timeout("diagnose.timeout", &d.Timeout, DefaultDiagnosis)
	for _, key := range []string{"snapshots", "source", "timeout", "black_box"} {
		if path := join("diagnose", key); c.good(path) && d.Enabled != nil && !*d.Enabled {
			c.fail(path, "leave one of them away", "%s has no meaning beside enabled: false", key)
		}
	}
	if d.BlackBox && (s.Target.Container != nil || s.Target.Attach != nil) {
		c.fail("diagnose.black_box", "start the app with target.command", "black_box: only an app that leakcheck starts as a process leaves its files where it finds them")
	}
}

// required reports whether key is there and understood. When it is not there at
// all, that is a problem of what should hold it.
func (c *checker) required(parent, key, hint string) bool {
	path := join(parent, key)
	if !c.has(path) && (parent == "" || c.good(parent)) && c.good("") {
		at := c.nearest(parent)
		c.add(at.line, at.col, hint, "%s is missing", key)
	}
	return c.good(path)
}

func (c *checker) name(path, name string) {
	if err := printable.CheckName(name); err != nil {
		c.fail(path, "", "%v", err)
	}
}

// positive holds a budget or a rate above 0: nothing can be measured to be
// exactly 0.
func (c *checker) positive(path string, v float64) {
	if c.good(path) && v <= 0 {
		c.fail(path, "", "%smust be more than 0", label(path))
	}
}

func (c *checker) workers(path string, n int) {
	if c.good(path) && (n < 1 || n > maxWorkers) {
		c.fail(path, "", "workers: %d is not within 1 and %d", n, maxWorkers)
	}
}

// timeout fills in the default and holds what was given above 0.
func (c *checker) timeout(path string, v *time.Duration, byDefault time.Duration) {
	switch {
	case !c.has(path):
		*v = byDefault
	case c.good(path) && *v <= 0:
		c.fail(path, "", "%s%v is not more than 0", label(path), *v)
	}
}

// resolved makes a path of the file absolute.
func (c *checker) resolved(path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(c.decoder.dir, filepath.FromSlash(path))
}
