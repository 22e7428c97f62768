package draft

import (
	"encoding/json"
	"errors"
	"net/url"
	"path/filepath"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/goccy/go-yaml"

	"github.com/leakcheck/leakcheck/loadgen/infile"
)

// loadOpenAPI reads an OpenAPI 3 document, or a Swagger 2.0 document as one.
func loadOpenAPI(path string) (*openapi3.T, error) {
	text, err := infile.Read(path, maxSource)
	if err != nil {
		return nil, err
	}
	return parseOpenAPI(text, path)
}

// parseOpenAPI reads a document that is at path.
func parseOpenAPI(text []byte, path string) (*openapi3.T, error) {
	var document map[string]any
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, errors.New(yaml.FormatError(err, false, false))
	}
	if document["swagger"] != nil {
		return fromSwagger(document)
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	at := &url.URL{Path: filepath.ToSlash(absolute)}
	doc, err := loader().LoadFromDataWithPath(text, at)
	if err == nil || !spell(document) {
		return doc, err
	}
	if text, err = json.Marshal(document); err != nil {
		return nil, err
	}
	return loader().LoadFromDataWithPath(text, at)
}

// loader reads what a document refers to from files beside it, never from the
// network.
func loader() *openapi3.Loader {
	l := openapi3.NewLoader()
	l.IsExternalRefsAllowed = true
	l.ReadFromURIFunc = openapi3.ReadFromFile
	return l
}

// spell makes texts of the numbers that YAML reads in version: 1.0 and
// openapi: 3.1; false when there are none.
func spell(document map[string]any) bool {
	changed := false
	texts := func(o map[string]any, keys ...string) {
		for _, k := range keys {
			switch v := o[k].(type) {
			case nil, string, map[string]any, []any:
			default:
				text, err := yaml.Marshal(v)
				if err == nil {
					o[k], changed = string(trimmed(text)), true
				}
			}
		}
	}
	texts(document, "openapi", "swagger")
	if info, ok := document["info"].(map[string]any); ok {
		texts(info, "version", "title", "description")
	}
	return changed
}

func trimmed(text []byte) []byte {
	for len(text) > 0 && text[len(text)-1] == '\n' {
		text = text[:len(text)-1]
	}
	return text
}

func fromSwagger(document map[string]any) (*openapi3.T, error) {
	spell(document)
	text, err := json.Marshal(document)
	if err != nil {
		return nil, err
	}
	var old openapi2.T
	if err := json.Unmarshal(text, &old); err != nil {
		return nil, err
	}
	return openapi2conv.ToV3WithLoader(&old, loader(), nil)
}
