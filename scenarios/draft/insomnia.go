package draft

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"

	"github.com/leakcheck/leakcheck/loadgen/infile"
)

// insomnia is an export of Insomnia in format 4: a flat list of resources.
type insomnia struct {
	Format    int `json:"__export_format"`
	Resources []insomniaResource
}

type insomniaResource struct {
	Type     string `json:"_type"`
	ID       string `json:"_id"`
	ParentID string
	Name     string

	Method         string
	URL            string
	Headers        []insomniaPair
	Parameters     []insomniaPair
	Authentication map[string]any
	Body           struct {
		MimeType, Text, FileName string
		Params                   []insomniaPair
	}
	Data map[string]any // of an environment
}

type insomniaPair struct {
	Name, Value, Type, FileName string
	Disabled                    bool
}

// fromInsomnia drafts from an export, as from the Postman collection that it
// would be.
func fromInsomnia(path string) (*Draft, error) {
	text, err := infile.Read(path, maxSource)
	if err != nil {
		return nil, err
	}
	var in insomnia
	if err := json.Unmarshal(insomniaVariable.ReplaceAll(text, []byte("{{$1}}")), &in); err != nil {
		return nil, fmt.Errorf("read Insomnia export: %w", err)
	}
	if in.Format != 4 {
		return nil, errors.New("its format is not 4: export it as Insomnia v4 (JSON)")
	}
	folders := map[string]string{}
	var c postman
	for _, r := range in.Resources {
		switch r.Type {
		case "workspace":
			c.Info.Name = r.Name
		case "request_group":
			folders[r.ID] = r.Name
		case "environment":
			for name, v := range r.Data {
				c.Variable = append(c.Variable, postmanPair{Key: name, Value: v})
			}
		}
	}
	left := leftOut{}
	for _, r := range in.Resources {
		switch r.Type {
		case "request":
			item, err := r.item()
			if err != nil {
				return nil, err
			}
			if folder := folders[r.ParentID]; folder != "" {
				item.Name = folder + " / " + item.Name
			}
			c.Item = append(c.Item, item)
		case "websocket_request", "grpc_request", "socketio_request":
			left.add("of the type " + r.Type)
		}
	}
	d := c.draft(fmt.Sprintf("the Insomnia export %s", filepath.Base(path)))
	left.tell(d)
	return d, nil
}

// insomniaVariable is {{ _.name }} or {{ name }}.
var insomniaVariable = regexp.MustCompile(`\{\{-?\s*(?:_\.)?([\w.-]+)\s*-?\}\}`)

// item is the request as Postman has it.
func (r *insomniaResource) item() (postmanItem, error) {
	q := map[string]any{
		"method": r.Method, "header": pairsOf(r.Headers),
		"url": map[string]any{"raw": r.URL, "query": pairsOf(r.Parameters)},
	}
	if len(r.Parameters) == 0 {
		q["url"] = r.URL
	}
	switch r.Body.MimeType {
	case "":
		if r.Body.Text != "" {
			q["body"] = map[string]any{"mode": "raw", "raw": r.Body.Text}
		}
	case "application/x-www-form-urlencoded":
		q["body"] = map[string]any{"mode": "urlencoded", "urlencoded": pairsOf(r.Body.Params)}
	case "multipart/form-data":
		q["body"] = map[string]any{"mode": "formdata", "formdata": pairsOf(r.Body.Params)}
	case "application/octet-stream":
		q["body"] = map[string]any{"mode": "file", "file": map[string]any{"src": r.Body.FileName}}
	default:
		mime := r.Body.MimeType
		if mime == "application/graphql" {
			mime = "application/json" // its text is the whole body
		}
		q["body"] = map[string]any{"mode": "raw", "raw": r.Body.Text}
		q["header"] = append(pairsOf(r.Headers), map[string]any{"key": "Content-Type", "value": mime})
	}
	if auth := r.auth(); auth != nil {
		q["auth"] = auth
	}
	text, err := json.Marshal(q)
	return postmanItem{Name: r.Name, Request: text}, err
}

func pairsOf(pairs []insomniaPair) []any {
	all := []any{}
	for _, p := range pairs {
		one := map[string]any{"key": p.Name, "value": p.Value, "disabled": p.Disabled, "type": p.Type}
		if p.Type == "file" {
			one["src"] = p.FileName
		}
		all = append(all, one)
	}
	return all
}

func (r *insomniaResource) auth() map[string]any {
	kind, _ := r.Authentication["type"].(string)
	if off, _ := r.Authentication["disabled"].(bool); off || kind == "" || kind == "none" {
		return nil
	}
	var settings []any
	for name, v := range r.Authentication {
		settings = append(settings, map[string]any{"key": name, "value": v})
	}
	return map[string]any{"type": kind, kind: settings}
}
