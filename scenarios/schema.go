package scenarios

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// What the units look like, for editors. The loader decides in the end.
const (
	growthPattern   = `^ *[0-9.]+ *([kMG]?B|[KMG]iB) */ *(s|m|min|h|hour|d|day) *$`
	sizePattern     = `^ *[0-9.]+ *([kMG]?B|[KMG]iB) *$`
	ratePattern     = `^ *[0-9.]+ */ *(s|m|min|h|hour|d|day) *$`
	durationPattern = `^([0-9.]+(ns|us|µs|ms|s|m|h))+$`
	requestPattern  = `^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|TRACE) +/`
)

// JSONSchema describes the file to editors, as JSON Schema draft 2020-12, from
// the types that it is decoded to.
func JSONSchema() ([]byte, error) {
	root, err := jsonschema.For[Scenario](&jsonschema.ForOptions{TypeSchemas: map[reflect.Type]*jsonschema.Schema{
		reflect.TypeFor[unit.MBPerHour](): text(growthPattern, "2 MB/h"),
		reflect.TypeFor[unit.PerSecond](): text(ratePattern, "20/s"),
		reflect.TypeFor[unit.Bytes]():     text(sizePattern, "256 MiB"),

		reflect.TypeFor[unit.BytesPerSecond](): text(growthPattern, "64 KiB/s"),
		reflect.TypeFor[time.Duration]():       text(durationPattern, "30s"),
		reflect.TypeFor[time.Time]():           {Type: "string", Format: "date", Examples: []any{"2027-01-31"}},
		reflect.TypeFor[Expect]():              expectSchema(),
	}})
	if err != nil {
		return nil, fmt.Errorf("infer scenario schema: %w", err)
	}
	root.Schema = "https://json-schema.org/draft/2020-12/schema"
	root.Title = "leakcheck scenario"
	root.Properties["version"].Enum = []any{Version}
	tighten(root)
	endpoint := root.Properties["endpoints"]
	endpoint.MinItems = jsonschema.Ptr(1)
	sourceRule(endpoint.Items)
	setup := root.Properties["setup"]
	stepRule(setup)
	setup.Items.Required = []string{"request"}
	for _, key := range append(slices.Clone(socketKeys), "expect_events") {
		delete(setup.Items.Properties, key)
		setup.Items.PropertyOrder = slices.DeleteFunc(setup.Items.PropertyOrder, func(p string) bool { return p == key })
	}
	targetRules(root)
	root.Properties["run"].Properties["mode"].Enum = []any{ModeMixed, ModeSeparate, ModeScreening}
	out, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("marshal scenario schema: %w", err)
	}
	return append(out, '\n'), nil
}

func text(pattern, example string) *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string", Pattern: pattern, Examples: []any{example}}
}

func expectSchema() *jsonschema.Schema {
	one := func() *jsonschema.Schema {
		return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{
			{Type: "integer", Minimum: jsonschema.Ptr(100.0), Maximum: jsonschema.Ptr(599.0)},
			{Type: "string", Pattern: "^([1-5]xx|[1-5][0-9][0-9])$"},
		}}
	}
	list := &jsonschema.Schema{Type: "array", Items: one(), MinItems: jsonschema.Ptr(1)}
	return &jsonschema.Schema{AnyOf: append(one().AnyOf, list)}
}

// sourceRule says that an endpoint has a request, a flow or targets, and one
// of them only.
func sourceRule(endpoint *jsonschema.Schema) {
	endpoint.OneOf = eitherOf(sources...)
	endpoint.Properties["request"].Pattern = requestPattern
	stepRule(endpoint.Properties["flow"])
	endpoint.Properties["flow"].Items.OneOf = eitherOf(append([]string{"request"}, socketKeys...)...)
	endpoint.Properties["exec"].MinItems = jsonschema.Ptr(1)
	endpoint.Properties["data"].Properties["order"].Enum = []any{"sequential", "random", "unique"}
	endpoint.Properties["targets_format"].Enum = []any{"http", "json"}
	contentRule(endpoint)
	client := endpoint.Properties["client"].Properties
	client["http"].Enum = []any{1, 2}
	client["connection"].Enum = anyOf(connections)
	client["abort"].Enum = anyOf(aborts)
}

func anyOf(texts []string) []any {
	var all []any
	for _, text := range texts {
		all = append(all, text)
	}
	return all
}

// contentRule says that each part of a form has one content.
func contentRule(message *jsonschema.Schema) {
	message.Properties["multipart"].MinItems = jsonschema.Ptr(1)
	message.Properties["multipart"].Items.OneOf = eitherOf(partContents...)
}

// stepRule says that each of several steps has a request, and each capture
// one place to look.
func stepRule(steps *jsonschema.Schema) {
	steps.MinItems = jsonschema.Ptr(1)
	steps.Items.Properties["request"].Pattern = requestPattern
	contentRule(steps.Items)
	steps.Items.Properties["capture"].AdditionalProperties.OneOf = eitherOf("json", "header", "cookie", "regex")
}

// targetRules says that a target is one of the three kinds, and each container
// an image or a build.
func targetRules(root *jsonschema.Schema) {
	target := root.Properties["target"]
	target.Properties["command"].MinItems = jsonschema.Ptr(1)
	target.Properties["inspect"].Enum = []any{InspectKeep}
	target.OneOf = eitherOf("command", "container", "attach")
	container, service := target.Properties["container"], root.Properties["services"].Items
	container.OneOf, service.OneOf = eitherOf("image", "build", "service"), eitherOf("image", "build")
	for _, image := range []*jsonschema.Schema{container, service} {
		image.Properties["pull"].Enum = []any{"missing", "always", "never"}
	}
	target.Properties["attach"].OneOf = eitherOf("inspector", "pid")
}

func eitherOf(keys ...string) []*jsonschema.Schema {
	var either []*jsonschema.Schema
	for _, key := range keys {
		either = append(either, &jsonschema.Schema{Required: []string{key}})
	}
	return either
}

// tighten takes away the null that inference allows for each Go pointer, slice
// and map, since the loader refuses empty values, and lets the values of maps
// be any scalar, as the loader does.
func tighten(s *jsonschema.Schema) {
	if s == nil {
		return
	}
	s.Types = slices.DeleteFunc(s.Types, func(t string) bool { return t == "null" })
	if len(s.Types) == 1 {
		s.Type, s.Types = s.Types[0], nil
	}
	for _, p := range s.Properties {
		tighten(p)
	}
	tighten(s.Items)
	values := s.AdditionalProperties
	if values != nil && values.Properties != nil {
		tighten(values)
	}
	if values != nil && values.Type == "string" {
		values.Type, values.Types = "", []string{"string", "number", "boolean"}
	}
}
