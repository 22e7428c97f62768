package draft

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/leakcheck/leakcheck/scenarios"
	"github.com/leakcheck/leakcheck/scenarios/rates"
)

// Kind is what a source is.
type Kind string

// The kinds of sources. KindOf tells them apart.
const (
	OpenAPI   Kind = "openapi"
	HAR       Kind = "har"
	Targets   Kind = "targets"
	AccessLog Kind = "access-log"
	Package   Kind = "package"
)

// Kinds lists them.
var Kinds = []Kind{OpenAPI, HAR, Targets, AccessLog, Package}

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
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	text := make([]byte, head)
	n, err := io.ReadFull(f, text)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read %s: %w", path, err)
	}
	kind := kindOfText(text[:n], strings.ToLower(filepath.Ext(path)))
	if kind == "" {
		return "", fmt.Errorf("%s is neither an OpenAPI document, a HAR file, vegeta targets, an access log nor package.json", path)
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
	case bytes.Contains(text, []byte("openapi:")), bytes.Contains(text, []byte("swagger:")), ext == ".yaml", ext == ".yml":
		return OpenAPI
	}
	return ""
}

func kindOfJSON(text []byte) Kind {
	has := func(key string) bool { return bytes.Contains(text, []byte(`"`+key+`"`)) }
	switch {
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
