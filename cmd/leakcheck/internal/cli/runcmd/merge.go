package runcmd

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/archive"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/settings"
	"github.com/leakcheck/leakcheck/loadgen/infile"
	"github.com/leakcheck/leakcheck/verdict/report"
)

// NewMerge is the command merge.
func NewMerge(io *command.Streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "merge DIR...",
		Short: "Join the parts of a suite into one verdict and report",
		Long: "Join the runs folders that the parts of a suite (leakcheck run --shard) left. The\n" +
			"outcome is that of the worst run. If a part is missing, or no part ran a\n" +
			"scenario, it fails with 4: a suite that was not measured never passes.",
		Example: "  leakcheck merge shards/* --report html=report.html --report junit=leakcheck.xml",
		Args:    command.WantArgs(cobra.MinimumNArgs(1)),
		RunE: settings.With(func(_ *cobra.Command, s settings.Settings, args []string) error {
			suite, err := merge(args, s.Inconclusive)
			if err != nil {
				return err
			}
			return finish(runOptions{io: io, settings: s}, suite, nil)
		}),
	}
	settings.AddFlags(cmd.Flags(), "all", "color", "inconclusive", "json", settings.ReportKey)
	return cmd
}

// merge gathers the manifests below some folders, and the runs that they name.
func merge(dirs []string, inconclusive int) (report.Suite, error) {
	var manifests []*manifest
	var runs []report.Document
	var problems []string
	for _, dir := range dirs {
		paths, err := findManifests(dir)
		if err != nil {
			return report.Suite{}, command.BadUsage("", "merge %s: %w", dir, err)
		}
		if len(paths) == 0 {
			problems = append(problems, dir+" holds no part of a suite")
		}
		for _, path := range paths {
			m, err := readManifest(path)
			if err != nil {
				return report.Suite{}, command.BadUsage("", "read %s: %w", path, err)
			}
			manifests = append(manifests, m)
			problems = append(problems, m.missing()...)
			docs, lost := m.load(filepath.Dir(path), inconclusive)
			runs, problems = append(runs, docs...), append(problems, lost...)
		}
	}
	problems = append(problems, gaps(manifests)...)
	slices.Sort(problems)
	return report.Join(runs, slices.Compact(problems)), nil
}

func findManifests(dir string) ([]string, error) {
	var found []string
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && strings.HasPrefix(e.Name(), manifestPrefix) && filepath.Ext(path) == ".json" {
			found = append(found, path)
		}
		return err
	})
	return found, err
}

func readManifest(path string) (*manifest, error) {
	text, err := infile.ReadRegular(path, 10e6)
	if err != nil {
		return nil, err
	}
	m := new(manifest)
	if err := json.Unmarshal(text, m); err != nil {
		return nil, err
	}
	if m.Schema != manifestSchema || m.Shard < 1 || m.Shard > m.Of {
		return nil, fmt.Errorf("not a part of a suite that this leakcheck reads (schema %d, part %d of %d)", m.Schema, m.Shard, m.Of)
	}
	return m, nil
}

// load reads the runs of a part. One that cannot be read is a problem of the
// suite, not the end of merging.
func (m *manifest) load(dir string, inconclusive int) (docs []report.Document, lost []string) {
	for _, r := range m.Mine {
		if r.Run == "" {
			continue
		}
		doc, err := archive.LoadRun(filepath.Join(dir, filepath.Base(r.Run)), inconclusive)
		if err != nil {
			lost = append(lost, fmt.Sprintf("the run of %s: %v", r.Scenario, err))
			continue
		}
		docs = append(docs, doc)
	}
	return docs, lost
}

// gaps says which parts are missing or differ about the suite, and which
// scenarios no part had.
func gaps(manifests []*manifest) []string {
	if len(manifests) == 0 {
		return nil
	}
	first := manifests[0]
	parts, had := map[int]bool{}, map[string]bool{}
	var out []string
	for _, m := range manifests {
		parts[m.Shard] = true
		if m.Of != first.Of || !slices.Equal(m.All, first.All) {
			out = append(out, fmt.Sprintf("part %d/%d is of another suite than part %d/%d", m.Shard, m.Of, first.Shard, first.Of))
		}
		for _, r := range m.Mine {
			had[r.Scenario] = true
		}
	}
	for i := 1; i <= first.Of; i++ {
		if !parts[i] {
			out = append(out, fmt.Sprintf("part %d/%d left nothing", i, first.Of))
		}
	}
	for _, s := range first.All {
		if !had[s] && len(parts) == first.Of {
			out = append(out, s+" was in no part")
		}
	}
	return out
}
