package report

import (
	"fmt"
	"html/template"
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/verdict"
)

// endpointView is one endpoint on the page. Those that pass are folded.
type endpointView struct {
	ID, Name, Request string
	Outcome, Class    string
	Open              bool
	Reason            string
	Details           []string
	Suspects          []suspectView
	Confidence        string
	Budget            string // as bytes per request
	Charts            []template.HTML
	Small             []template.HTML
	Blocks            []blockRow
	gravity           int
}

// suspectView is a suspect as the page shows it.
type suspectView struct {
	suspect
	Amount string
}

// blockRow is a row of the table behind the charts.
type blockRow struct {
	Round, Requests, Growth, PerRequest, Heap string
	P50, P95, P99                             string
	Delay, GC                                 string
}

func endpointID(run string, i int) string {
	if i == recording.Mixed {
		return run + "-interaction"
	}
	return fmt.Sprintf("%s-e%d", run, i+1)
}

func newEndpointView(d *Document, i int, e *verdict.Endpoint, run string) endpointView {
	v := endpointView{
		ID: endpointID(run, i), Name: e.Name, Request: e.Request, Outcome: outcomeCell(e).text, Class: endpointClass(e),
		Open: gravity(e) > 0, Reason: capital(reason(e)), Details: details(d.Verdict, i, e),
		Confidence: fmt.Sprintf("%.4g %%", 100*d.Verdict.Confidence), gravity: gravity(e),
	}
	if e.Outcome == verdict.Pass {
		v.Reason = ""
	}
	if e.Rate > 0 {
		v.Budget = e.Budget.PerRequest(e.Rate).String()
	}
	for _, s := range d.suspects(e.Name) {
		v.Suspects = append(v.Suspects, newSuspectView(s))
	}
	blocks := growthOf(d, i)
	if len(blocks) > 0 {
		v.Charts = []template.HTML{levelChart(v.ID, e, blocks).SVG(), incrementChart(v.ID, e, blocks).SVG()}
		v.Small = loadCharts(v.ID, e.Name, blocks)
		v.Blocks = blockRows(blocks)
	}
	return v
}

func newSuspectView(s suspect) suspectView {
	v := suspectView{suspect: s}
	if s.PerRequest >= 1 {
		v.Amount = s.PerRequest.String() + s.Portion
	}
	return v
}

// block is a measured block with what it changed, or with what a round of mixed
// blocks says that the endpoint did.
type block struct {
	*recording.Observation
	load     *recording.Load // on the endpoint
	requests float64
	growth   float64 // bytes of heap and external memory
	cum      float64 // requests on the endpoint so far
	level    float64 // bytes that its blocks have left behind so far
}

// growthOf lays out an endpoint's measured blocks. What other endpoints leave
// behind between them is not in the levels.
func growthOf(d *Document, endpoint int) []block {
	var out []block
	var cum, level float64
	for _, in := range verdict.Increments(d.Recording, endpoint) {
		o := &d.Recording.Observations[in.Observation]
		cum += float64(in.Requests)
		level += in.Bytes
		out = append(out, block{o, o.Block.LoadOf(endpoint), float64(in.Requests), in.Bytes, cum, level})
	}
	return out
}

// memoryOf is what a budget holds for: the JS heap and what it owns outside.
func memoryOf(s *recording.Sample) unit.Bytes { return s.Heap.Used + s.Memory.External }

func blockRows(blocks []block) []blockRow {
	rows := make([]blockRow, len(blocks))
	for i, b := range blocks {
		l := &b.load.Latency
		rows[i] = blockRow{
			Round: unit.Count(b.Block.Round + 1), Requests: unit.Count(int(b.requests)), Growth: unit.Count(int(b.growth)),
			PerRequest: decimal(b.growth/b.requests, 1), Heap: megabyteText(memoryOf(&b.Sample)),
			P50: milliseconds(l.P50), P95: milliseconds(l.P95), P99: milliseconds(l.P99),
			Delay: milliseconds(b.Sample.Loop.DelayP99), GC: share(b),
		}
	}
	return rows
}

func megabyteText(b unit.Bytes) string {
	const mb = 1e6
	return fmt.Sprintf("%.2f", float64(b)/mb)
}

// milliseconds prints a time, "-" for one that was not recorded.
func milliseconds(d time.Duration) string {
	if d == 0 {
		return none
	}
	return decimal(d.Seconds()*1e3, 2)
}

// share is the part of a block that collecting garbage took, in percent.
func share(b block) string {
	if b.Sample.Loop.GCCount == 0 || b.Block.Elapsed == 0 {
		return none
	}
	return decimal(gcShare(b), 2)
}

func gcShare(b block) float64 {
	return 100 * b.Sample.Loop.GCTime.Seconds() / b.Block.Elapsed.Seconds()
}
