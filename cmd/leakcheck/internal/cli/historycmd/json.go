package historycmd

import "github.com/leakcheck/leakcheck/verdict/history"

// groupJSON is one group of comparable runs.
type groupJSON struct {
	Scenario string          `json:"scenario"`
	Node     string          `json:"node"`
	Machine  history.Machine `json:"machine"`
	Runs     []history.Run   `json:"runs"`
	Changes  []changeJSON    `json:"changes"`
}

// changeJSON is a lasting change of an endpoint's leak rate, in bytes per
// request.
type changeJSON struct {
	Endpoint   string  `json:"endpoint"`
	Before     float64 `json:"before"`
	After      float64 `json:"after"`
	P          float64 `json:"p"`
	LastBefore string  `json:"last_commit_before"`
	FirstAfter string  `json:"first_commit_after"`
	FirstRunID string  `json:"first_run_after"`
}

func historyDocument(groups []history.Group, endpoint string) []groupJSON {
	out := []groupJSON{}
	for i := range groups {
		g := &groups[i]
		doc := groupJSON{
			Scenario: g.Kind.Scenario, Node: g.Kind.Node, Machine: g.Kind.Machine,
			Runs: g.Runs, Changes: []changeJSON{},
		}
		for _, name := range g.EndpointNames() {
			if endpoint == "" || endpoint == name {
				doc.Changes = append(doc.Changes, changesJSON(g, name)...)
			}
		}
		out = append(out, doc)
	}
	return out
}

func changesJSON(g *history.Group, name string) []changeJSON {
	var out []changeJSON
	for _, c := range history.Changes(g.Series(name), history.Tolerance) {
		out = append(out, changeJSON{
			Endpoint: name, Before: float64(c.Before), After: float64(c.After), P: c.P,
			LastBefore: c.Last.Commit, FirstAfter: c.First.Commit, FirstRunID: c.First.ID,
		})
	}
	return out
}
