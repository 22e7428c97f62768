package heapcmd

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/settings"
	"github.com/leakcheck/leakcheck/sampler/heapsnap"
)

// heapSummaryOptions are what the heap summary command was asked for.
type heapSummaryOptions struct {
	top  int
	sort string
}

// heapOrders are the orders of a summary, by the flag's value.
var heapOrders = map[string]func(a, b heapsnap.Class) int{
	"retained": func(a, b heapsnap.Class) int { return cmp.Compare(b.Retained, a.Retained) },
	"shallow":  func(a, b heapsnap.Class) int { return cmp.Compare(b.Shallow, a.Shallow) },
	"count":    func(a, b heapsnap.Class) int { return cmp.Compare(b.Count, a.Count) },
}

func newHeapSummaryCommand(io *command.Streams) *cobra.Command {
	var o heapSummaryOptions
	cmd := &cobra.Command{
		Use:   "summary FILE",
		Short: "List the classes of a snapshot with what they retain, as DevTools does",
		Example: "  leakcheck heap summary app.heapsnapshot\n" +
			"  leakcheck heap summary app.heapsnapshot.gz --sort count --top 50",
		Args:              command.WantArgs(cobra.ExactArgs(1)),
		ValidArgsFunction: completeSnapshots,
		RunE: finds(io, func(cmd *cobra.Command, args []string, _ bool) (printed, error) {
			order := heapOrders[o.sort]
			if order == nil {
				return nil, command.BadUsage("", "--sort: %q is not retained, shallow or count", o.sort)
			}
			from, err := newOpener(cmd)
			if err != nil {
				return nil, err
			}
			s, err := from.open(args[0])
			if err != nil {
				return nil, err
			}
			s.Analyze()
			summary := heapSummaryOf(args[0], s, order)
			summary.top = o.top
			return summary, nil
		}),
	}
	settings.AddJSON(cmd.Flags(), "all classes")
	cmd.Flags().IntVar(&o.top, "top", 20, "how many classes to list; 0 for all")
	cmd.Flags().StringVar(&o.sort, "sort", "retained", "order of the classes: retained, shallow or count")
	return cmd
}

// heapSummary is the document that heap summary prints.
type heapSummary struct {
	File    string      `json:"file"`
	Nodes   int         `json:"nodes"`
	Edges   int         `json:"edges"`
	Bytes   int64       `json:"bytes"`
	Classes []heapClass `json:"classes"`

	top int // classes to print, 0 for all
}

type heapClass struct {
	Name     string `json:"name"`
	Key      string `json:"key"` // with the place of the constructor
	Count    int    `json:"count"`
	Shallow  int64  `json:"shallow_bytes"`
	Retained int64  `json:"retained_bytes"`
	Distance *int   `json:"distance"` // null where only V8 itself holds them
}

func heapSummaryOf(file string, s *heapsnap.Snapshot, order func(a, b heapsnap.Class) int) heapSummary {
	sum := heapSummary{File: file, Nodes: s.NodeCount(), Edges: s.EdgeCount(), Bytes: int64(s.TotalSize()), Classes: []heapClass{}}
	classes := slices.Clone(s.Classes())
	slices.SortStableFunc(classes, order)
	for _, c := range classes {
		row := heapClass{Name: c.Name, Key: c.Key, Count: c.Count, Shallow: int64(c.Shallow), Retained: int64(c.Retained)}
		if c.Distance >= 0 && c.Distance < heapsnap.SystemDistance {
			row.Distance = &c.Distance
		}
		sum.Classes = append(sum.Classes, row)
	}
	return sum
}

func (h heapSummary) print(io *command.Streams) error {
	fmt.Fprintf(io.Out, "%s: %s in %d nodes, %d edges, %d classes\n\n",
		h.File, size(heapsnap.Bytes(h.Bytes)), h.Nodes, h.Edges, len(h.Classes))
	w := tabwriter.NewWriter(io.Out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "retained\tshallow\tcount\tdistance\t  class")
	shown := h.Classes
	if h.top > 0 {
		shown = shown[:min(h.top, len(shown))]
	}
	for _, c := range shown {
		distance := "-"
		if c.Distance != nil {
			distance = strconv.Itoa(*c.Distance)
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\t  %s\n", size(heapsnap.Bytes(c.Retained)), size(heapsnap.Bytes(c.Shallow)),
			c.Count, distance, shorten(c.Name, 80))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if rest := len(h.Classes) - len(shown); rest > 0 {
		fmt.Fprintf(io.Out, "\n%d more classes (--top 0 lists all)\n", rest)
	}
	return nil
}
