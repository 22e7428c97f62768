package scenarios

import (
	"encoding/json"
	"os"
	"reflect"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/jsonschema-go/jsonschema"
)

func resolvedSchema(t *testing.T) *jsonschema.Resolved {
	t.Helper()
	text, err := JSONSchema()
	if err != nil {
		t.Fatal(err)
	}
	var schema jsonschema.Schema
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	resolved, err := schema.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	return resolved
}

func instance(t *testing.T, src []byte) any {
	t.Helper()
	text, err := yaml.YAMLToJSON(src)
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestJSONSchema(t *testing.T) {
	schema := resolvedSchema(t)
	for _, file := range []string{"testdata/good/checkout.yaml", "testdata/good/smallest.yaml", "testdata/good/container.yaml"} {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(instance(t, src)); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
	const head = "version: 1\nname: x\ntarget: {command: [node]}\n"
	for _, bad := range []string{
		"version: 2\nname: x\ntarget: {command: [node]}\nendpoints: [{name: a, request: GET /}]",
		head,
		head + "endpoints: []",
		head + "endpoints: [{name: a}]",
		head + "endpoints: [{name: a, request: GET /, targets: t}]",
		head + "endpoints: [{name: a, request: get /}]",
		head + "endpoints: [{name: a, exec: []}]",
		head + "endpoints: [{name: a, exec: node drive.js}]",
		head + "endpoints: [{name: a, request: GET /, exec: [node]}]",
		head + "endpoints: [{name: a, request: GET /, budget: 5}]",
		head + "endpoints: [{name: a, request: GET /, budget: 5 MB}]",
		head + "endpoints: [{name: a, request: GET /, rate: 5}]",
		head + "endpoints: [{name: a, request: GET /, timeout: 5}]",
		head + "endpoints: [{name: a, request: GET /, expect: 9}]",
		head + "endpoints: [{name: a, request: GET /, waive: {reason: r}}]",
		head + "endpoints: [{name: a, request: GET /, bugdet: 5 MB/h}]",
		head + "endpoints: [{name: a, request: GET /, rate: null}]",
		head + "endpoints: [{name: a, request: GET /, client: {http: 3}}]",
		head + "endpoints: [{name: a, request: GET /, client: {abort: soon}}]",
		head + "endpoints: [{name: a, request: GET /, client: {read_rate: 64}}]",
		head + "endpoints: [{name: a, request: GET /, multipart: [{name: a, size: 1 B, value: b}]}]",
	} {
		if err := schema.Validate(instance(t, []byte(bad))); err == nil {
			t.Errorf("the schema accepts:\n%s", bad)
		}
		if _, err := Parse("x.yaml", []byte(bad)); err == nil {
			t.Errorf("the loader accepts:\n%s", bad)
		}
	}
}

// An editor shows a description for each key.
func TestEveryKeyIsDescribed(t *testing.T) {
	seen := map[reflect.Type]bool{}
	structs(reflect.TypeFor[Scenario](), seen)
	if !seen[reflect.TypeFor[FormPart]()] {
		t.Error("the parts of a form were not found: not all of the types are")
	}
	for typ := range seen {
		fields := fieldsOf(typ)
		for _, name := range fields.names {
			isKey := name != "" // else the type is written as a text, such as a range of statuses
			if isKey && typ.FieldByIndex(fields.index[name]).Tag.Get("jsonschema") == "" {
				t.Errorf("%s.%s has no description", typ.Name(), name)
			}
		}
	}
}

// structs finds the types of this package that a type is made of.
func structs(typ reflect.Type, seen map[reflect.Type]bool) {
	switch typ.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		structs(typ.Elem(), seen)
	case reflect.Struct:
		if seen[typ] || typ.PkgPath() != reflect.TypeFor[Scenario]().PkgPath() {
			return
		}
		seen[typ] = true
		for _, f := range reflect.VisibleFields(typ) {
			if f.IsExported() && f.Tag.Get("json") != "-" {
				structs(f.Type, seen)
			}
		}
	}
}
