package loadgen

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// blueprintsOf lists what r sends in turn.
func blueprintsOf(r Request) ([]blueprint, error) {
	headers := sortedHeaders(r.Headers)
	if r.Targets != "" {
		bs, err := readTargets(r.Targets, r.TargetsFormat, headers)
		if err != nil {
			return nil, &PartError{Part: Targets, Err: err}
		}
		return bs, nil
	}
	return []blueprint{{
		method:  orDefault(r.Method, http.MethodGet),
		path:    source{text: r.Path},
		headers: headers,
		body:    source{text: string(r.Body), literal: r.BodyRaw},
		content: r.Content,
	}}, nil
}

// ReadTargets reads vegeta's targets, in its http or json format. Files that
// give bodies are relative to the targets file.
func ReadTargets(file, format string) ([]vegeta.Target, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var next vegeta.Targeter
	switch format {
	case vegeta.JSONTargetFormat:
		next = vegeta.NewJSONTargeter(bytes.NewReader(data), nil, nil)
	case vegeta.HTTPTargetFormat, "":
		next = vegeta.NewHTTPTargeter(bytes.NewReader(rebaseBodies(data, filepath.Dir(file))), nil, nil)
	default:
		return nil, fmt.Errorf("format %q is not http or json", format)
	}
	targets, err := vegeta.ReadAllTargets(next)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", filepath.Base(file), err)
	}
	return targets, nil
}

func readTargets(file, format string, headers []header) ([]blueprint, error) {
	targets, err := ReadTargets(file, format)
	if err != nil {
		return nil, err
	}
	bs := make([]blueprint, len(targets))
	for i, t := range targets {
		if bs[i], err = fromTarget(t, headers); err != nil {
			return nil, fmt.Errorf("target %d of %s: %w", i+1, filepath.Base(file), err)
		}
	}
	return bs, nil
}

// rebaseBodies makes the body files of an http-format targets file relative to
// it, not to wherever the run was started.
func rebaseBodies(data []byte, dir string) []byte {
	lines := bytes.Split(data, []byte("\n"))
	for i, l := range lines {
		name, isBody := bytes.CutPrefix(bytes.TrimSpace(l), []byte("@"))
		if isBody && !filepath.IsAbs(string(name)) {
			lines[i] = []byte("@" + filepath.Join(dir, string(name)))
		}
	}
	return bytes.Join(lines, []byte("\n"))
}

func fromTarget(t vegeta.Target, defaults []header) (blueprint, error) {
	u, err := url.Parse(t.URL)
	if err != nil {
		return blueprint{}, err
	}
	path := u.RequestURI()
	var own []header
	for name, values := range t.Header {
		if name == "Host" && u.Host != "" {
			continue // of the host that is replaced
		}
		for _, v := range values {
			own = append(own, header{name, source{v, true}})
		}
	}
	slices.SortStableFunc(own, func(a, b header) int { return bytes.Compare([]byte(a.name), []byte(b.name)) })
	return blueprint{
		method: t.Method, path: source{path, true}, headers: addMissing(own, defaults), body: source{string(t.Body), true},
	}, nil
}
