package heapcmd

import (
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/settings"
	"github.com/leakcheck/leakcheck/sampler/heapsnap"
)

// heapDiffOptions are what the heap diff command was asked for.
type heapDiffOptions struct {
	top      int
	requests int
	explain  int // how many classes to show with what holds them
}

func newHeapDiffCommand(io *command.Streams) *cobra.Command {
	var o heapDiffOptions
	cmd := &cobra.Command{
		Use:   "diff BEFORE AFTER [LATER...]",
		Short: "List the classes that grew from snapshot to snapshot, and what holds them",
		Long: "diff compares snapshots of one process, taken in the order given. Functions are\n" +
			"told apart by where they are in the source, and plain objects by their shape.",
		Example: "  leakcheck heap diff before.heapsnapshot after.heapsnapshot\n" +
			"  leakcheck heap diff 1.heapsnapshot 2.heapsnapshot 3.heapsnapshot --requests 1000",
		Args:              command.WantArgs(cobra.MinimumNArgs(2)),
		ValidArgsFunction: completeSnapshots,
		RunE: finds(io, func(cmd *cobra.Command, args []string, asJSON bool) (printed, error) {
			if o.requests < 0 || o.top < 0 {
				return nil, command.BadUsage("", "--requests and --top are not below 0")
			}
			from, err := newOpener(cmd)
			if err != nil {
				return nil, err
			}
			o.explain = explainText
			if asJSON {
				o.explain = explainJSON
			}
			return compareSnapshots(from, args, o)
		}),
	}
	settings.AddJSON(cmd.Flags(), "all classes that changed")
	cmd.Flags().IntVar(&o.top, "top", 15, "how many classes to list; 0 for all")
	cmd.Flags().IntVar(&o.requests, "requests", 0, "requests from each snapshot to the next, to show growth per request")
	return cmd
}

// heapDiff is the document that heap diff prints.
type heapDiff struct {
	Files    []string     `json:"files"`
	Requests int          `json:"requests_between,omitempty"`
	Classes  []heapGrowth `json:"classes"`

	top int // classes to print, 0 for all
}

type heapGrowth struct {
	Name       string           `json:"name"`
	Key        string           `json:"key"`
	Count      []int            `json:"count"`
	Bytes      []heapsnap.Bytes `json:"bytes"`
	Added      []int            `json:"added"`
	Freed      []int            `json:"freed"`
	PerRequest *heapPerRequest  `json:"per_request,omitempty"`
	HeldBy     *heapHolder      `json:"held_by,omitempty"`
}

type heapPerRequest struct {
	Count      float64 `json:"count"`
	CountError float64 `json:"count_error"`
	Bytes      float64 `json:"bytes"`
	BytesError float64 `json:"bytes_error"`
}

// heapHolder is the most frequent path of the objects that are new.
type heapHolder struct {
	Path    string `json:"path"`
	Objects int    `json:"objects"` // that are held so
	Of      int    `json:"of"`      // that were looked at
	New     int    `json:"new"`     // of which these are spread evenly
}

// counts is "200 of 200 new", or "990 of 1000 looked at, 400000 are new".
func (h *heapHolder) counts() string {
	if h.Of < h.New {
		return fmt.Sprintf("%d of %d looked at, %d are new", h.Objects, h.Of, h.New)
	}
	return fmt.Sprintf("%d of %d new", h.Objects, h.New)
}

// How many classes are shown with what holds them, and how many of a class's
// new objects are looked at for it.
const (
	explainText = 5
	explainJSON = 50
	lookedAt    = 1000
)

// ofProgram reports whether a type is of the program rather than of V8 itself.
func ofProgram(t heapsnap.NodeType) bool {
	switch t {
	case heapsnap.Code, heapsnap.Hidden, heapsnap.ObjectShape, heapsnap.Synthetic:
		return false
	}
	return true
}

func compareSnapshots(from opener, files []string, o heapDiffOptions) (heapDiff, error) {
	if strings.Count(strings.Join(files, "\n")+"\n", stdin+"\n") > 1 {
		return heapDiff{}, command.BadUsage("", "only one snapshot can come from the standard input")
	}
	var last *heapsnap.Snapshot
	censuses := make([]*heapsnap.Census, len(files))
	requests := make([]int, len(files))
	for i, file := range files {
		s, err := from.open(file)
		if err != nil {
			return heapDiff{}, err
		}
		censuses[i], requests[i], last = s.Census(), i*o.requests, s
	}
	diff := heapDiff{Files: files, Requests: o.requests, Classes: []heapGrowth{}, top: o.top}
	explained := 0
	for _, g := range heapsnap.Compare(censuses...) {
		row := heapGrowth{Name: g.Name, Key: g.Key, Count: g.Count, Bytes: g.Bytes, Added: g.Added, Freed: g.Freed}
		if o.requests > 0 {
			p := heapPerRequest(g.PerRequest(requests))
			row.PerRequest = &p
		}
		if explained < o.explain && g.BytesDelta() > 0 && ofProgram(g.Type) {
			row.HeldBy = holderOf(last, g.New)
			explained++
		}
		diff.Classes = append(diff.Classes, row)
	}
	return diff, nil
}

func holderOf(s *heapsnap.Snapshot, ids []uint64) *heapHolder {
	added := s.ByIDs(ids)
	nodes := heapsnap.Evenly(added, lookedAt)
	groups := s.Paths(nodes)
	if len(groups) == 0 || len(groups[0].Path) == 0 {
		return nil
	}
	return &heapHolder{Path: groups[0].Path.String(), Objects: len(groups[0].Nodes), Of: len(nodes), New: len(added)}
}

func (d heapDiff) print(io *command.Streams) error {
	if len(d.Classes) == 0 {
		fmt.Fprintln(io.Out, "No class changed.")
		return nil
	}
	w := tabwriter.NewWriter(io.Out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "size\tcount\tnew\tfreed\t"+d.perRequestHeader()+"  class")
	shown := d.Classes
	if d.top > 0 {
		shown = shown[:min(d.top, len(shown))]
	}
	for _, g := range shown {
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%s  %s\n", signedSize(g.Bytes[len(g.Bytes)-1]-g.Bytes[0]), g.counts(),
			sum(g.Added), sum(g.Freed), g.perRequest(), shorten(g.Name, 80))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if rest := len(d.Classes) - len(shown); rest > 0 {
		fmt.Fprintf(io.Out, "\n%d of %d classes that changed are listed (--top 0 lists all)\n", len(shown), len(d.Classes))
	}
	d.printHolders(io)
	return nil
}

func (d heapDiff) printHolders(io *command.Streams) {
	title := "\nHeld by:\n"
	for _, g := range d.Classes {
		if g.HeldBy == nil {
			continue
		}
		fmt.Fprintf(io.Out, "%s  %s, %s:\n    %s\n", title, shorten(g.Name, 80), g.HeldBy.counts(), g.HeldBy.Path)
		title = ""
	}
}

func (d heapDiff) perRequestHeader() string {
	if d.Requests == 0 {
		return ""
	}
	return "per request\tbytes per request\t"
}

// counts is "+500" of two snapshots, and "0 → 500 → 1000" of more.
func (g heapGrowth) counts() string {
	if len(g.Count) == 2 {
		return fmt.Sprintf("%+d", g.Count[1]-g.Count[0])
	}
	texts := make([]string, len(g.Count))
	for i, n := range g.Count {
		texts[i] = strconv.Itoa(n)
	}
	return strings.Join(texts, " → ")
}

func (g heapGrowth) perRequest() string {
	p := g.PerRequest
	if p == nil {
		return ""
	}
	if len(g.Count) < 3 {
		return fmt.Sprintf("%+.2f\t%+.1f B\t", p.Count, p.Bytes)
	}
	return fmt.Sprintf("%+.2f ± %.2f\t%+.1f ± %.1f B\t", p.Count, p.CountError, p.Bytes, p.BytesError)
}

func sum(all []int) int {
	total := 0
	for _, n := range all {
		total += n
	}
	return total
}
