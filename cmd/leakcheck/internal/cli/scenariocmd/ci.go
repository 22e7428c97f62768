package scenariocmd

import (
	"embed"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
)

//go:embed workflows
var workflows embed.FS

// workflow is a CI system's file that leakcheck prints.
type workflow struct{ system, kind, file string }

// workflowFiles lists them; the first of a system is what it prints unasked.
var workflowFiles = []workflow{
	{"github", "nightly", "github-nightly.yml"},
	{"github", "pull-request", "github-pull-request.yml"},
	{"github", "matrix", "github-matrix.yml"},
	{"gitlab", "nightly", "gitlab.yml"},
	{"gitlab", "pull-request", "gitlab-pull-request.yml"},
	{"jenkins", "nightly", "Jenkinsfile"},
	{"jenkins", "pull-request", "Jenkinsfile-pull-request"},
	{"kubernetes", "matrix", "kubernetes.yaml"},
}

// NewCI is the command ci.
func NewCI(io *command.Streams) *cobra.Command {
	var pullRequest bool
	cmd := &cobra.Command{
		Use:       "ci github|gitlab|jenkins|kubernetes [nightly|pull-request|matrix]",
		Short:     "Print a ready workflow for a CI system",
		Example:   "  leakcheck ci github > .github/workflows/leakcheck.yml\n  leakcheck ci github --pull-request\n  leakcheck ci gitlab",
		Args:      command.WantArgs(cobra.RangeArgs(1, 2)),
		ValidArgs: []cobra.Completion{"github", "gitlab", "jenkins", "kubernetes"},
		RunE: func(_ *cobra.Command, args []string) error {
			if pullRequest && len(args) == 1 {
				args = append(args, "pull-request")
			}
			text, err := findWorkflow(args)
			if err != nil {
				return err
			}
			_, err = fmt.Fprint(io.Out, text)
			return err
		},
	}
	cmd.Flags().BoolVar(&pullRequest, "pull-request", false, "that for pull requests, which compares base and head")
	return cmd
}

// findWorkflow reads the file of a system, and of a kind where one is given.
func findWorkflow(args []string) (string, error) {
	i := slices.IndexFunc(workflowFiles, func(w workflow) bool {
		return w.system == args[0] && (len(args) == 1 || w.kind == args[1])
	})
	if i < 0 {
		names := make([]string, len(workflowFiles))
		for k, w := range workflowFiles {
			names[k] = w.system + " " + w.kind
		}
		return "", command.BadUsage("there is "+strings.Join(names, ", "), "no workflow for %q", strings.Join(args, " "))
	}
	text, err := workflows.ReadFile("workflows/" + workflowFiles[i].file)
	if err != nil {
		return "", fmt.Errorf("read workflow: %w", err)
	}
	return string(text), nil
}
