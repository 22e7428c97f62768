package loadgen

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/leakcheck/leakcheck/loadgen/infile"
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
	data, err := infile.Read(file, maxTargets)
	if err != nil {
		return nil, err
	}
	var next vegeta.Targeter
	switch format {
	case vegeta.JSONTargetFormat:
		next = vegeta.NewJSONTargeter(bytes.NewReader(data), nil, nil)
	case vegeta.HTTPTargetFormat, "":
		rebased, err := rebaseBodies(data, filepath.Dir(file))
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", filepath.Base(file), err)
		}
		next = vegeta.NewHTTPTargeter(bytes.NewReader(rebased), nil, nil)
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

// maxTargets bounds a targets file, and all of its bodies together, in bytes.
const maxTargets = 100e6

// rebaseBodies makes the body files of an http-format targets file relative to
// it, not to wherever the run was started. It reads each before vegeta does, which
// would read one without an end.
func rebaseBodies(data []byte, dir string) ([]byte, error) {
	lines := bytes.Split(data, []byte("\n"))
	room := int64(maxTargets)
	for i, l := range lines {
		name, isBody := bytes.CutPrefix(bytes.TrimSpace(l), []byte("@"))
		if !isBody {
			continue
		}
		path := string(name)
		if !filepath.IsAbs(path) {
			path = filepath.Join(dir, path)
			lines[i] = []byte("@" + path)
		}
		body, err := infile.ReadRegular(path, room)
		if err != nil {
			return nil, fmt.Errorf("body on line %d: %w", i+1, err)
		}
		room -= int64(len(body))
	}
	return bytes.Join(lines, []byte("\n")), nil
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
