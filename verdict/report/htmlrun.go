package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/verdict"
)

// runView is one run on the page.
type runView struct {
	ID, Name   string
	Outcome    string
	Conclusion string
	Took       string
	Meta       string // when, what, where: one line
	Failure    *Failure
	Death      []string     // what filled the heap of a target that died of it
	Figures    []figureView // the run in a few numbers
	Rows       []rowView
	Folded     *foldedView // the rows of what passes, where they are many
	Notes      []string
	Legend     string
	Overview   *overviewView
	Endpoints  []endpointView
	Passing    []endpointView // those that are folded
	Background string
	Resources  []resourceView
	Previous   *previousView
	Facts      []string
	Events     []string
	Machine    []pair
	Commands   []string
}

// pair is a term and what it is.
type pair struct{ Term, Text string }

// figureView is a number that stands out.
type figureView struct{ Value, Unit, About string }

// foldedView is rows that are shown when they are asked for.
type foldedView struct {
	Summary string
	Rows    []rowView
}

// rowView is a line of the verdict's table.
type rowView struct {
	Name, Request, Link string
	Outcome, Class      string
	Growth, Interval    string
	Hourly, Budget      string
	Limit, Notes        string
}

func newRunView(d *Document, index int) runView {
	v := runView{
		ID: fmt.Sprintf("run%d", index+1), Name: d.name(), Outcome: string(d.Outcome),
		Conclusion: conclude(d) + ".", Took: took(d), Failure: d.Failure, Commands: commands(d),
		Death: deathLines(d),
	}
	if d.Recording != nil {
		v.Meta, v.Machine = meta(&d.Recording.Header), machine(&d.Recording.Header)
		for _, e := range events(d.Recording) {
			v.Events = append(v.Events, capital(e.when)+": "+e.message)
		}
	}
	if d.Recording != nil && d.Verdict != nil {
		v.judge(d)
	}
	return v
}

// judge fills in what rests on a verdict.
func (v *runView) judge(d *Document) {
	v.Figures, v.Facts = figures(d), runFacts(d)
	v.rows(d)
	v.Overview = newOverview(d, v.ID)
	rows, passes := tableRows(d.Verdict)
	for _, r := range rows {
		v.Endpoints = append(v.Endpoints, newEndpointView(d, r.index, r.Endpoint, v.ID))
	}
	for _, r := range passes {
		v.Passing = append(v.Passing, newEndpointView(d, r.index, r.Endpoint, v.ID))
	}
	slices.SortStableFunc(v.Endpoints, func(a, b endpointView) int { return b.gravity - a.gravity })
	v.Background, v.Resources, v.Previous = d.Verdict.Background.Reason, resourceViews(d), newPreviousView(d)
	v.Legend = legend(d)
}

func (v *runView) rows(d *Document) {
	var n notes
	rows, passes := tableRows(d.Verdict)
	for _, r := range rows {
		v.Rows = append(v.Rows, v.row(r, &n))
	}
	if len(passes) > 0 {
		v.Folded = &foldedView{Summary: fold(passes).nearest}
		for _, r := range passes {
			v.Folded.Rows = append(v.Folded.Rows, v.row(r, &n))
		}
	}
	g := backgroundRow(&d.Verdict.Background, &n)
	v.Rows = append(v.Rows, rowView{
		Name: "background", Request: "growth by the clock", Outcome: g[1].text, Class: string(d.Verdict.Background.Outcome),
		Growth: g[2].text, Hourly: g[4].text, Budget: g[5].text, Limit: g[6].text, Notes: g[7].text,
	})
	for _, w := range d.Verdict.Warnings {
		n.add(w)
	}
	for _, w := range n.list {
		v.Notes = append(v.Notes, w.Message+" ("+w.Code+")")
	}
}

func (v *runView) row(r ranked, n *notes) rowView {
	value, interval, perHour, detectable := numbers(r.Endpoint)
	return rowView{
		Name: r.Name, Request: r.Request, Link: endpointID(v.ID, r.index), Outcome: outcomeCell(r.Endpoint).text, Class: endpointClass(r.Endpoint),
		Growth: value, Interval: interval, Hourly: perHour, Budget: megabytes(r.Budget),
		Limit: detectable, Notes: n.mark(r.Warnings),
	}
}

// endpointClass is the outcome that colours an endpoint: a waived leak is not
// a red one.
func endpointClass(e *verdict.Endpoint) string {
	if e.Outcome == verdict.Leak && e.Waived != nil && !e.Waived.Expired {
		return string(verdict.Inconclusive)
	}
	return string(e.Outcome)
}

func meta(h *recording.Header) string {
	parts := []string{h.StartedAt.UTC().Format("2 January 2006, 15:04 UTC"), "Node " + strings.TrimPrefix(h.Environment.Node, "v")}
	if c := commit(&h.Environment); c != "" {
		parts = append(parts, "commit "+c)
	}
	return strings.Join(append(parts, h.Scenario.Path), " · ")
}

// commit is the short name of the commit under test, with a plus where it was
// changed.
func commit(e *recording.Environment) string {
	if e.GitCommit == "" {
		return ""
	}
	text := shortCommit(e.GitCommit)
	if e.GitDirty {
		text += " with changes"
	}
	return text
}

func shortCommit(c string) string {
	const usual = 10
	return string([]rune(c)[:min(usual, len([]rune(c)))])
}

func machine(h *recording.Header) []pair {
	e := &h.Environment
	out := []pair{
		{"Command", strings.Join(e.Command, " ")},
		{"Node", e.Node + " (V8 " + e.V8 + ")"},
		{"Machine", strings.TrimSpace(fmt.Sprintf("%s/%s, %s, %s %s", e.OS, e.Arch, unit.Plural(e.CPUs, "CPU"), e.MemoryTotal, e.CPUModel))},
		{"Run", h.RunID},
		{"leakcheck", h.Tool},
		{"Scenario", h.Scenario.Path + " (" + h.Scenario.Hash + ")"},
		{"Seed", fmt.Sprint(h.Seed)},
	}
	if e.GitCommit != "" {
		text := e.GitCommit
		if e.GitDirty {
			text += ", with changes"
		}
		out = append(out, pair{"Commit", text})
	}
	return out
}

// commands are what repeats the run, and what judges it again.
func commands(d *Document) []string {
	var out []string
	if h := d.header(); h != nil {
		if h.Environment.GitCommit != "" {
			out = append(out, "git checkout "+ShellWord(h.Environment.GitCommit))
		}
		out = append(out, fmt.Sprintf("leakcheck run %s --seed %d%s", ShellWord(h.Scenario.Path), h.Seed, selectionFlags(h)))
	}
	if d.Source != "" {
		again := "leakcheck judge " + ShellWord(d.Source)
		if d.Verdict != nil && d.Outcome != verdict.Pass {
			again += example(d.Verdict)
		}
		out = append(out, again)
	}
	return out
}

// selectionFlags are those that choose what of the scenario was run, "" for all of it.
func selectionFlags(h *recording.Header) string {
	flags := ""
	if h.Scenario.Endpoints > 0 {
		for _, e := range h.Endpoints {
			flags += " --endpoint " + ShellWord(e.Name)
		}
	}
	if h.Scenario.Quick {
		flags += " --quick"
	}
	return flags
}

func (d *Document) header() *recording.Header {
	if d.Recording == nil {
		return nil
	}
	return &d.Recording.Header
}

// figures are the run in a few numbers: the gravest endpoint's growth beside
// its budget, what it means, and what the answer rests on.
func figures(d *Document) []figureView {
	var out []figureView
	if e := gravest(d.Verdict); e != nil {
		out = append(out,
			growthFigure(e),
			figureView{megabytes(e.Budget), "MB/h", "its budget"})
		if e.UntilLimit > 0 && d.Verdict.HeapRoom > 0 {
			value, unit, _ := strings.Cut(span(e.UntilLimit), " ")
			out = append(out, figureView{value, unit, "until the heap limit"})
		} else {
			out = append(out, figureView{limit(e.MinDetectable), "MB/h", "the smallest leak that would have been seen"})
		}
	}
	return append(out, figureView{unit.Count(d.requests()), "requests", "measured in " + unit.Plural(d.Verdict.Rounds, "round")})
}

// growthFigure is an endpoint's growth, or where none is shown, how much it is at most.
func growthFigure(e *verdict.Endpoint) figureView {
	if value := hourly(e.PerHour); value != noGrowth {
		return figureView{value, "MB/h", "growth of " + e.Name + ", at " + e.Rate.String()}
	}
	return figureView{megabytes(e.PerHour.High), "MB/h", "at most of " + e.Name + ", at " + e.Rate.String() + ": no growth is shown"}
}

// gravest is the endpoint that stands worst: by outcome, then by how much of
// its budget it uses.
func gravest(v *verdict.Verdict) *verdict.Endpoint {
	var worst *verdict.Endpoint
	for _, e := range v.All() {
		if worst == nil || graver(e, worst) {
			worst = e
		}
	}
	return worst
}

func graver(a, b *verdict.Endpoint) bool {
	if ga, gb := gravity(a), gravity(b); ga != gb {
		return ga > gb
	}
	return a.PerHour.High-a.Budget > b.PerHour.High-b.Budget
}

// gravity orders endpoints on the page.
func gravity(e *verdict.Endpoint) int {
	return slices.Index([]string{string(verdict.Pass), string(verdict.Inconclusive), string(verdict.Leak)}, endpointClass(e))
}
