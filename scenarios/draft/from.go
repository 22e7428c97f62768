package draft

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/leakcheck/leakcheck/loadgen/infile"
	"github.com/leakcheck/leakcheck/scenarios"
	"github.com/leakcheck/leakcheck/scenarios/rates"
)

// Kind is what a source is.
type Kind string

// The kinds of sources. KindOf tells them apart.
const (
	OpenAPI   Kind = "openapi"
	Postman   Kind = "postman"
	Insomnia  Kind = "insomnia"
	Artillery Kind = "artillery"
	HAR       Kind = "har"
	Targets   Kind = "targets"
	AccessLog Kind = "access-log"
	Package   Kind = "package"
)

// Kinds lists them.
var Kinds = []Kind{OpenAPI, Postman, Insomnia, Artillery, HAR, Targets, AccessLog, Package}

// From drafts a scenario from the file at path, or from the app in the folder
// at path. kind "" finds out what it is. home is the folder that the scenario
// will stand in.
func From(path string, kind Kind, home string, o Options) (*Draft, error) {
	if kind == "" {
		var err error
		if kind, err = KindOf(path); err != nil {
			return nil, err
		}
	}
	d, err := read(path, kind, o)
	if err != nil {
		return nil, fmt.Errorf("draft from %s: %w", path, err)
	}
	if len(d.Endpoints) == 0 {
		return nil, fmt.Errorf("draft from %s: it has no request that a scenario could send", path)
	}
	appDir := home
	if kind == Package {
		appDir = folderOf(path)
	}
	if err := d.addApp(appDir, home); err != nil {
		return nil, err
	}
	if o.Try != nil {
		if err := o.Try(d); err != nil {
			return nil, err
		}
	}
	d.arrange(o)
	if d.Running() == 0 {
		d.Endpoints = append(d.Endpoints, placeholder())
	}
	return d, nil
}

func read(path string, kind Kind, o Options) (*Draft, error) {
	switch kind {
	case OpenAPI:
		return fromOpenAPI(path)
	case Postman:
		return fromPostman(path)
	case Insomnia:
		return fromInsomnia(path)
	case Artillery:
		return fromArtillery(path)
	case HAR:
		return fromHAR(path)
	case Targets:
		return fromTargets(path)
	case AccessLog:
		return fromRecords(path, o)
	case Package:
		return fromPackage(path)
	}
	return nil, fmt.Errorf("unknown kind %q", kind)
}

// placeholder keeps the file a scenario when all that was found is off.
func placeholder() Endpoint {
	return Endpoint{
		Name: "home", Method: "GET", Path: "/",
		Blanks: []string{"an endpoint; none of those above runs unasked"},
	}
}

// maxSource bounds what is read at once, in bytes.
const maxSource = 500e6

// head is how much of a file tells what it is, in bytes.
const head = 64 << 10

// KindOf tells by its content what the source at path is.
func KindOf(path string) (Kind, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if info.IsDir() || filepath.Base(path) == "package.json" {
		return Package, nil
	}
	f, err := infile.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	text := make([]byte, head)
	n, err := io.ReadFull(f, text)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read %s: %w", path, err)
	}
	if what := recognise(text[:n], strings.ToLower(filepath.Ext(path))); what != "" {
		return "", fmt.Errorf("%s is %s", path, what)
	}
	kind := kindOfText(text[:n], strings.ToLower(filepath.Ext(path)))
	if kind == "" {
		return "", fmt.Errorf("%s is none of what init reads: an OpenAPI document, a Postman, Insomnia or Artillery file, a HAR file, vegeta targets, an access log, metrics, or package.json", path)
	}
	return kind, nil
}

func kindOfText(text []byte, ext string) Kind {
	start := bytes.TrimSpace(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")))
	first := firstRequest(start)
	switch {
	case ext == ".har":
		return HAR
	case len(start) == 0 && ext != ".yaml" && ext != ".yml" && ext != ".json", rates.IsSnapshot(start), bytes.HasPrefix(start, []byte{0x1f, 0x8b}):
		return AccessLog
	case isTarget(first):
		return Targets
	case rates.IsLog(start):
		return AccessLog
	case bytes.HasPrefix(start, []byte("{")):
		return kindOfJSON(start)
	case artilleryKeys.Match(text) && artilleryScenarios.Match(text):
		return Artillery
	case bytes.Contains(text, []byte("openapi:")), bytes.Contains(text, []byte("swagger:")), ext == ".yaml", ext == ".yml":
		return OpenAPI
	}
	return ""
}

func kindOfJSON(text []byte) Kind {
	has := func(key string) bool { return bytes.Contains(text, []byte(`"`+key+`"`)) }
	switch {
	case has("info") && has("item") && (has("request") || bytes.Contains(text, []byte("getpostman.com"))), bytes.Contains(text, []byte("schema.getpostman.com")):
		return Postman
	case has("__export_format"):
		return Insomnia
	case artilleryJSON.Match(text):
		return Artillery
	case has("openapi"), has("swagger"):
		return OpenAPI
	case has("log") && has("entries"), has("log") && has("creator"):
		return HAR
	case has("method") && has("url"):
		return Targets
	case has("scripts"), has("dependencies"):
		return Package
	}
	return OpenAPI // whose reader says best what is missing
}

var (
	artilleryKeys      = regexp.MustCompile(`(?m)^config:`)
	artilleryScenarios = regexp.MustCompile(`(?m)^scenarios:`)
	artilleryJSON      = regexp.MustCompile(`(?s)^\s*\{\s*"config"\s*:.*"scenarios"\s*:`)
)

// others are files of other tools, which cannot be drafted from: how they are
// known, what they are, and what to do.
var others = []struct {
	ext  string
	form *regexp.Regexp
	what string
}{
	{"", regexp.MustCompile(`(?m)from\s+['"]k6(/|['"])|require\(['"]k6(/|['"])`), "a k6 script, a program whose requests are made as it runs: record a HAR file in the browser, or give an OpenAPI document or an access log"},
	{"", regexp.MustCompile(`<jmeterTestPlan`), "a JMeter test plan, which is not read: record a HAR file of its run (JMeter's recorder or a browser), or give the access log of one"},
	{"", regexp.MustCompile(`(?m)^\s*"?asyncapi"?\s*:`), "an AsyncAPI document, which describes messages and no HTTP requests: a driver sends them (exec: in docs/drivers.md)"},
	{".heapprofile", nil, "a heap profile, which holds no requests: leakcheck heap reads heap snapshots"},
	{".heapsnapshot", nil, "a heap snapshot, which holds no requests: leakcheck heap reads it"},
	{".cpuprofile", nil, "a CPU profile, which holds no requests"},
	{"", regexp.MustCompile(`(?m)^(from|import) locust\b`), "a Locust file, a program whose requests are made as it runs: record a HAR file, or give an access log"},
	{"", regexp.MustCompile(`io\.gatling\.`), "a Gatling simulation, a program whose requests are made as it runs: record a HAR file, or give an access log"},
	{".bru", nil, "a request of Bruno's: export the collection as a Postman collection"},
	{"", regexp.MustCompile(`(?m)^type:\s*collection\.insomnia\.rest/5`), "an Insomnia export in format 5: export it in format 4 (JSON)"},
	{"", regexp.MustCompile(`"_postman_variable_scope"\s*:\s*"(environment|globals)"`), "a Postman environment, which holds no requests: give the collection"},
	{"", regexp.MustCompile(`(?m)^(extend )?type Query\b`), "a GraphQL schema: give the app's folder, or a HAR file of its operations"},
}

// recognise says what a file of another tool is, and what to do; "" for none.
func recognise(text []byte, ext string) string {
	for _, o := range others {
		if o.ext != "" && o.ext == ext || o.form != nil && o.form.Match(text) {
			return o.what
		}
	}
	return ""
}

// firstRequest is the first line that is no comment.
func firstRequest(text []byte) string {
	for line := range bytes.Lines(text) {
		if one := strings.TrimSpace(string(line)); one != "" && !strings.HasPrefix(one, "#") {
			return one
		}
	}
	return ""
}

func isTarget(line string) bool {
	method, url, both := strings.Cut(strings.TrimSpace(line), " ")
	return both && known(method) && strings.Contains(url, "://") && !strings.Contains(strings.TrimSpace(url), " ")
}

func known(method string) bool { return scenarios.IsMethod(method) }

func folderOf(path string) string {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return path
	}
	return filepath.Dir(path)
}
