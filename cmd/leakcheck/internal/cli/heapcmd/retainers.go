package heapcmd

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/settings"
	"github.com/leakcheck/leakcheck/sampler/heapsnap"
)

// heapRetainersOptions are what the heap retainers command was asked for.
type heapRetainersOptions struct {
	class, id string
	top       int
}

func newHeapRetainersCommand(io *command.Streams) *cobra.Command {
	var o heapRetainersOptions
	cmd := &cobra.Command{
		Use:   "retainers FILE --class NAME | --id N",
		Short: "Show what keeps the objects of a class, or one object, alive",
		Example: "  leakcheck heap retainers app.heapsnapshot --class Session\n" +
			"  leakcheck heap retainers app.heapsnapshot --class '{url, userAgent}'\n" +
			"  leakcheck heap retainers app.heapsnapshot --id @104729",
		Args:              command.WantArgs(cobra.ExactArgs(1)),
		ValidArgsFunction: completeSnapshots,
		RunE: finds(io, func(cmd *cobra.Command, args []string, _ bool) (printed, error) {
			if (o.class == "") == (o.id == "") {
				return nil, command.BadUsage("usage: "+cmd.UseLine(), "one of --class and --id is needed")
			}
			from, err := newOpener(cmd)
			if err != nil {
				return nil, err
			}
			s, err := from.open(args[0])
			if err != nil {
				return nil, err
			}
			nodes, err := o.nodes(s)
			if err != nil {
				return nil, err
			}
			return retainersOf(s, nodes, o.top), nil
		}),
	}
	settings.AddJSON(cmd.Flags(), "all paths")
	cmd.Flags().StringVar(&o.class, "class", "", "name of a class, as heap summary prints it, or of a function")
	cmd.Flags().StringVar(&o.id, "id", "", "number of one object, as DevTools shows it behind its name: @104729")
	cmd.Flags().IntVar(&o.top, "top", 10, "how many paths to show; 0 for all")
	return cmd
}

// nodes are those that were asked for.
func (o heapRetainersOptions) nodes(s *heapsnap.Snapshot) ([]heapsnap.Node, error) {
	if o.id != "" {
		id, err := strconv.ParseUint(strings.TrimPrefix(o.id, "@"), 10, 64)
		if err != nil {
			return nil, command.BadUsage("", "--id: %q is no number", o.id)
		}
		n, ok := s.ByID(id)
		if !ok {
			return nil, command.BadUsage("", "--id: no object has the number %d", id)
		}
		return []heapsnap.Node{n}, nil
	}
	var nodes []heapsnap.Node
	for n := range s.Nodes() {
		if s.ClassName(n) == o.class || s.Type(n) == heapsnap.Closure && s.Name(n) == o.class {
			nodes = append(nodes, n)
		}
	}
	if len(nodes) == 0 {
		return nil, command.BadUsage(similarClasses(s, o.class), "--class: no object of %q", o.class)
	}
	return nodes, nil
}

// similarClasses is a hint that names classes like the one that is missing.
func similarClasses(s *heapsnap.Snapshot, name string) string {
	const most = 5
	var similar []string
	for _, c := range s.Classes() {
		if strings.Contains(strings.ToLower(c.Name), strings.ToLower(name)) && !slices.Contains(similar, c.Name) {
			similar = append(similar, strconv.Quote(c.Name))
		}
	}
	if len(similar) == 0 {
		return "heap summary lists the classes"
	}
	return "there is " + strings.Join(similar[:min(most, len(similar))], ", ")
}

// heapRetainers is the document that heap retainers prints.
type heapRetainers struct {
	Objects  int        `json:"objects"`
	LookedAt int        `json:"looked_at"`
	Shallow  int64      `json:"shallow_bytes"`
	Paths    []heapPath `json:"paths"`

	top int // paths to print, 0 for all
}

type heapPath struct {
	Objects int            `json:"objects"`
	Shallow int64          `json:"shallow_bytes"`
	Largest int64          `json:"largest_retained_bytes"`
	Example uint64         `json:"example_id"`
	Steps   []heapPathStep `json:"steps"`
}

type heapPathStep struct {
	Kind   string `json:"kind"`
	Text   string `json:"text"`
	Times  int    `json:"times,omitempty"` // in a row, as in a linked list
	Script string `json:"script,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
}

// mostRetained is how many objects are looked at: their paths are few.
const mostRetained = 10_000

func retainersOf(s *heapsnap.Snapshot, nodes []heapsnap.Node, top int) heapRetainers {
	sample := heapsnap.Evenly(nodes, mostRetained)
	found := heapRetainers{Objects: len(nodes), LookedAt: len(sample), Paths: []heapPath{}, top: top}
	for _, n := range nodes {
		found.Shallow += int64(s.ShallowSize(n))
	}
	for _, g := range s.Paths(sample) {
		p := heapPath{Objects: len(g.Nodes), Shallow: int64(g.Shallow), Largest: int64(g.Retained), Example: s.ID(g.Nodes[0]), Steps: []heapPathStep{}}
		for _, step := range g.Path {
			one := heapPathStep{Kind: string(step.Kind), Text: step.Text}
			if step.Times > 1 {
				one.Times = step.Times
			}
			if step.Function != nil {
				one.Script, one.Line, one.Column = step.Function.Script, step.Function.Line, step.Function.Column
			}
			p.Steps = append(p.Steps, one)
		}
		found.Paths = append(found.Paths, p)
	}
	return found
}

func (h heapRetainers) print(io *command.Streams) error {
	fmt.Fprintf(io.Out, "%d objects, %s by themselves\n", h.Objects, size(heapsnap.Bytes(h.Shallow)))
	if h.LookedAt < h.Objects {
		fmt.Fprintf(io.Out, "looked at %d of them, spread over the heap\n", h.LookedAt)
	}
	shown := h.Paths
	if h.top > 0 {
		shown = shown[:min(h.top, len(shown))]
	}
	for _, p := range shown {
		fmt.Fprintf(io.Out, "\n%s held by (such as @%d, which retains up to %s)\n", h.count(p.Objects), p.Example, size(heapsnap.Bytes(p.Largest)))
		if len(p.Steps) == 0 {
			fmt.Fprintln(io.Out, "  nothing: it is garbage, or only weakly held")
		}
		for i, step := range p.Steps {
			arrow := "  "
			if i > 0 {
				arrow = "  -> "
			}
			times := ""
			if step.Times > 1 {
				times = fmt.Sprintf(" ×%d", step.Times)
			}
			fmt.Fprintln(io.Out, arrow+step.Text+times)
		}
	}
	if rest := len(h.Paths) - len(shown); rest > 0 {
		fmt.Fprintf(io.Out, "\n%d of %d paths are shown (--top 0 shows all)\n", len(shown), len(h.Paths))
	}
	return nil
}

// count is "300", or "300 of 10000" where that is not how many objects there are.
func (h heapRetainers) count(n int) string {
	if h.LookedAt < h.Objects {
		return fmt.Sprintf("%d of %d", n, h.LookedAt)
	}
	return strconv.Itoa(n)
}
