package main

import (
	"encoding/json"
	"fmt"

	"github.com/leakcheck/leakcheck/scenarios/catalog"
)

// document is what is read of the document that `leakcheck run --json` prints.
type document struct {
	Outcome string `json:"outcome"`
	Error   *struct {
		Message string `json:"message"`
	} `json:"error"`
	Run *struct {
		Tool      string   `json:"tool"`
		LoadShare *float64 `json:"load_share"`
	} `json:"run"`
	Environment *struct {
		Node string `json:"node"`
	} `json:"environment"`
	Endpoints   []endpoint `json:"endpoints"`
	Interaction *endpoint  `json:"interaction"`
	Background  *struct {
		Outcome string `json:"outcome"`
	} `json:"background"`
}

type endpoint struct {
	Name            string      `json:"name"`
	Outcome         string      `json:"outcome"`
	BytesPerRequest *float64    `json:"bytes_per_request"`
	Interval        *[2]float64 `json:"interval"`
	MinDetectable   *float64    `json:"min_detectable_mb_per_hour"`
}

func parseDocument(data []byte) (*document, error) {
	var d document
	if err := json.Unmarshal(data, &d); err != nil {
		return nil, fmt.Errorf("read verdict: %w", err)
	}
	return &d, nil
}

// named lists the endpoints that the verdict calls leaks.
func (d *document) named() []string {
	names := []string{}
	for _, e := range d.Endpoints {
		if e.Outcome == "leak" {
			names = append(names, e.Name)
		}
	}
	if d.Interaction != nil && d.Interaction.Outcome == "leak" {
		names = append(names, catalog.Interaction)
	}
	if d.Background != nil && d.Background.Outcome == "leak" {
		names = append(names, catalog.Background)
	}
	return names
}

// shown picks the endpoint whose numbers stand in the table: the leaking one,
// or else the one that grew most.
func (d *document) shown(leaking string) endpoint {
	var most endpoint
	if leaking == catalog.Interaction && d.Interaction != nil {
		return *d.Interaction
	}
	for _, e := range d.Endpoints {
		if e.Name == leaking {
			return e
		}
		if e.BytesPerRequest == nil {
			continue
		}
		if most.BytesPerRequest == nil || *e.BytesPerRequest > *most.BytesPerRequest {
			most = e
		}
	}
	return most
}

// result grades the document of one job.
func (d *document) result(k key, leaking string) Result {
	e := d.shown(leaking)
	r := Result{
		key: k, Expected: leaking, Outcome: d.Outcome, Leaking: d.named(), Endpoint: e.Name,
		BytesPerRequest: e.BytesPerRequest, Interval: e.Interval, MinDetectable: e.MinDetectable, Endpoints: d.Endpoints,
	}
	r.Grade = grade(r.Outcome, r.Leaking, leaking)
	if d.Run != nil {
		r.Tool, r.LoadShare = d.Run.Tool, d.Run.LoadShare
	}
	if d.Environment != nil {
		r.NodeFull = d.Environment.Node
	}
	if d.Error != nil {
		r.Error = d.Error.Message
	}
	return r
}
