package scenariocmd

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/github"
	"github.com/leakcheck/leakcheck/sampler/recording/printable"
)

// commentOptions are what the comment command was asked for.
type commentOptions struct {
	io           *command.Streams
	file, number string
	link         string
	updateOnly   bool
}

// NewComment is the command comment.
func NewComment(io *command.Streams) *cobra.Command {
	o := commentOptions{io: io}
	cmd := &cobra.Command{
		Use:   "comment FILE",
		Short: "Keep one comment on a GitHub pull request up to date",
		Long: "Post the file, which is a report of the format comment, as a comment on a pull\n" +
			"request. One that an earlier run left is updated. GITHUB_REPOSITORY, GITHUB_API_URL\n" +
			"and GH_TOKEN say where, as in GitHub Actions. A token that may not comment, as that\n" +
			"of a pull request from a fork, gives a notice and no failure.",
		Example: "  leakcheck comment comment.md --pull-request 7",
		Args:    command.WantArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.file = args[0]
			return postComment(cmd.Context(), o)
		},
	}
	cmd.Flags().StringVar(&o.number, "pull-request", "", "its number")
	cmd.Flags().StringVar(&o.link, "link", "", "address to name at the end, such as that of the artifact")
	cmd.Flags().BoolVar(&o.updateOnly, "update-only", false, "only update a comment that is there")
	return cmd
}

// postComment posts the file. Whatever becomes of it, the verdict's code is another
// step's: what GitHub refuses is a notice.
func postComment(ctx context.Context, o commentOptions) error {
	repository, token := os.Getenv("GITHUB_REPOSITORY"), os.Getenv("GH_TOKEN")
	if o.number == "" || repository == "" || token == "" {
		return command.BadUsage("in GitHub Actions: GH_TOKEN is ${{ github.token }}, and the number is in github.event.pull_request",
			"comment needs --pull-request, GITHUB_REPOSITORY and GH_TOKEN")
	}
	body, err := os.ReadFile(o.file)
	if err != nil {
		return command.BadUsage("leakcheck run --report comment=FILE writes it", "%w", err)
	}
	text := string(body)
	if o.link != "" {
		text = strings.TrimRight(text, "\n") + "\n\n[Recordings and reports](" + o.link + ")\n"
	}
	c := github.Client{API: cmp.Or(os.Getenv("GITHUB_API_URL"), "https://api.github.com"), Token: token, Repository: repository}
	if err := c.Comment(ctx, o.number, text, !o.updateOnly); err != nil {
		fmt.Fprintf(printable.NewWriter(o.io.Script).Commands(), "::notice title=leakcheck::no comment: %s\n", strings.ReplaceAll(err.Error(), "\n", " "))
	}
	return nil
}
