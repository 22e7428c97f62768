// Package scenariocmd has the commands for files that users keep: init, validate,
// schema and ci.
package scenariocmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/outfile"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
	"github.com/leakcheck/leakcheck/scenarios"
	"github.com/leakcheck/leakcheck/scenarios/draft"
)

// initOptions are what the init command was asked for.
type initOptions struct {
	io     *command.Streams
	source string
	kind   string
	output string
	force  bool
	run    bool
	draft  draft.Options
}

// NewInit is the command init.
func NewInit(io *command.Streams) *cobra.Command {
	o := initOptions{io: io}
	cmd := &cobra.Command{
		Use:   "init [SOURCE]",
		Short: "Write a first scenario from the app's code, from an API's description, or from traffic",
		Long: "Write a first scenario. SOURCE is the app's folder, which is the current one by\n" +
			"default, or one of these: an OpenAPI 3 or Swagger 2.0 document, a Postman\n" +
			"collection (2.1), an Insomnia export (4), an Artillery script, a HAR file, a\n" +
			"vegeta targets file, an access log (common or combined format, JSON lines as\n" +
			"pino, nginx and Caddy write them, AWS load balancers), or a snapshot of metrics.\n" +
			"Of an app's folder, routes are found in its code (TypeScript or JavaScript).\n" +
			"How the server starts comes from the package.json beside the scenario. Comments\n" +
			"in the file say why each line is there, and mark what is left to fill in. What\n" +
			"cannot be drafted is said. No secret is copied.",
		Example: "  leakcheck init\n  leakcheck init openapi.yaml\n  leakcheck init shop.postman_collection.json\n  leakcheck init access.log -o nightly.yaml",
		Args:    command.WantArgs(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.source = "."; len(args) == 1 {
				o.source = args[0]
			}
			return initScenario(cmd.Context(), o)
		},
	}
	cmd.Flags().StringVarP(&o.output, "output", "o", "scenario.yaml", "file to write, - for standard output")
	cmd.Flags().StringVar(&o.kind, "kind", "", "what SOURCE is: openapi, postman, insomnia, artillery, har, targets, access-log or package; default: by its content")
	cmd.Flags().BoolVar(&o.run, "run", false, "start the app and try each request once: those that fail are marked, and an OpenAPI document that it serves is used")
	cmd.Flags().BoolVar(&o.force, "force", false, "overwrite the file if it exists")
	cmd.Flags().DurationVar(&o.draft.Over, "over", 0, "time that a log or metrics cover, as 24h; default: what they say")
	cmd.Flags().StringVar(&o.draft.Metric, "metric", "", "counter or histogram of a metrics snapshot; default: the one by method and route")
	cmd.Flags().BoolVar(&o.draft.All, "all", false, "also run what changes data (POST, PUT, PATCH, DELETE), which is commented out otherwise")
	return cmd
}

// initScenario drafts, checks that the loader takes the draft, and writes it.
func initScenario(ctx context.Context, o initOptions) error {
	if o.kind != "" && !slices.Contains(draft.Kinds, draft.Kind(o.kind)) {
		return command.BadUsage(fmt.Sprintf("there are %v", draft.Kinds), "unknown kind %q", o.kind)
	}
	if err := o.mayWrite(); err != nil {
		return err
	}
	home := filepath.Dir(o.output) // of standard output, the current folder
	if o.run {
		o.draft.Try = func(d *draft.Draft) error { return o.tryOut(ctx, d, home) }
	}
	d, err := draft.From(o.source, draft.Kind(o.kind), home, o.draft)
	if err != nil {
		return command.BadUsage("leakcheck init --help lists what it reads", "%w", err)
	}
	text := d.YAML()
	if _, err := scenarios.Parse(o.output, text); err != nil {
		return fmt.Errorf("draft from %s is no scenario: %w", o.source, err)
	}
	if err := outfile.Write(o.output, o.io.Out, func(w io.Writer) error { _, err := w.Write(text); return err }); err != nil {
		return command.BadMachine("", "write scenario: %w", err)
	}
	if o.output == "-" {
		return nil
	}
	o.tell(d, text)
	return nil
}

func (o initOptions) mayWrite() error {
	if o.output == "-" || o.force {
		return nil
	}
	_, err := os.Lstat(o.output)
	if err == nil {
		return command.BadUsage("--force overwrites it, -o names another", "%s exists already", o.output)
	}
	if !errors.Is(err, os.ErrNotExist) {
		return command.BadUsage("", "write scenario: %w", err)
	}
	return nil
}

// tell says what was written, what was left out and what comes next.
func (o initOptions) tell(d *draft.Draft, text []byte) {
	off := len(d.Endpoints) - d.Running()
	fmt.Fprintf(o.io.Out, "%s: %s", o.output, unit.Plural(d.Running(), "endpoint"))
	if off > 0 {
		fmt.Fprintf(o.io.Out, ", %d more commented out", off)
	}
	fmt.Fprintln(o.io.Out, ", from", d.From)
	for _, n := range d.Notes {
		fmt.Fprintln(o.io.Err, "note:", n)
	}
	if blanks := bytes.Count(text, []byte(draft.Blank)) - 1; blanks > 0 { // the file's head names the mark
		fmt.Fprintf(o.io.Out, "Look at the %s marked %s, then: leakcheck run %s\n", unit.Plural(blanks, "line"), draft.Blank, o.output)
	} else {
		fmt.Fprintf(o.io.Out, "Next: leakcheck run %s\n", o.output)
	}
}
