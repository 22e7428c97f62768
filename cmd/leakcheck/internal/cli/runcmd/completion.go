package runcmd

import (
	"github.com/spf13/cobra"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/archive"
	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/scenarios"
	"github.com/leakcheck/leakcheck/scenarios/catalog"
)

// completeCases offers the names of the catalog.
func completeCases(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []cobra.Completion
	for _, group := range groupCases(catalog.Cases()) {
		names = append(names, cobra.CompletionWithDesc(group[0].Name, group[0].Summary))
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// completeEndpoints offers the endpoints of the scenario, and completeTags their tags.
func completeEndpoints(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	endpoints, _, directive := namesOf(args)
	return endpoints, directive
}

func completeTags(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	_, tags, directive := namesOf(args)
	return tags, directive
}

func namesOf(args []string) (endpoints, tags []string, directive cobra.ShellCompDirective) {
	if len(args) == 0 {
		return nil, nil, cobra.ShellCompDirectiveNoFileComp
	}
	s, err := scenarios.Load(args[0])
	if err != nil {
		return nil, nil, cobra.ShellCompDirectiveError
	}
	endpoints, tags = s.Names()
	return endpoints, tags, cobra.ShellCompDirectiveNoFileComp
}

// completeBudgets offers "endpoint=" for each endpoint of the recording.
func completeBudgets(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	rec, err := recording.ReadFile(archive.RecordingPath(args[0]))
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var names []cobra.Completion
	for _, e := range rec.Header.Endpoints {
		names = append(names, e.Name+"=")
	}
	return names, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}
