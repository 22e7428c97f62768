package compose

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/template"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/sirupsen/logrus"

	"github.com/leakcheck/leakcheck/loadgen/infile"
	"github.com/leakcheck/leakcheck/scenarios"
)

// file is a Compose file, and where in it things stand.
type file struct {
	path  string // absolute
	name  string // as it is told: beside the scenario
	lines []string
	root  ast.Node // nil when it cannot be read
	// syntax is why it is not YAML, if so.
	syntax yaml.Error
}

// maxFile bounds a Compose file, in bytes.
const maxFile = 10e6

func newFile(s *scenarios.Scenario) *file {
	f := &file{path: s.Compose, name: s.Compose}
	dir := filepath.Dir(s.Path)
	if abs, err := filepath.Abs(dir); err == nil {
		if rel, err := filepath.Rel(abs, f.path); err == nil {
			f.name = filepath.Join(dir, rel)
		}
	}
	src, err := infile.ReadRegular(f.path, maxFile)
	if err != nil {
		return f // the loader says so
	}
	f.lines = strings.Split(strings.ReplaceAll(string(src), "\r\n", "\n"), "\n")
	parsed, err := parser.ParseBytes(src, 0)
	switch {
	case err != nil:
		errors.As(err, &f.syntax)
	case len(parsed.Docs) > 0:
		f.root = parsed.Docs[0].Body
	}
	return f
}

// load reads the file as Compose does. The notes are of variables that are not
// set.
func (f *file) load() (*types.Project, []string, error) {
	logrus.SetOutput(io.Discard) // nobody but the loader's packages writes there
	env, err := f.environment()
	if err != nil {
		return nil, nil, err
	}
	var unset []string
	substitute := func(text string, lookup template.Mapping) (string, error) {
		return template.SubstituteWithOptions(text, lookup, template.WithoutLogging, template.WithReplacementFunction(
			func(variable string, lookup template.Mapping, cfg *template.Config) (string, error) {
				value, found, err := template.DefaultReplacementAppliedFunc(variable, lookup, cfg)
				if !found && err == nil && !slices.Contains(unset, variable) {
					unset = append(unset, variable)
				}
				return value, err
			}))
	}
	project, err := loader.LoadWithContext(context.Background(), types.ConfigDetails{
		WorkingDir: filepath.Dir(f.path), ConfigFiles: []types.ConfigFile{{Filename: f.path}}, Environment: env,
	}, func(o *loader.Options) {
		o.SetProjectName("leakcheck", true)
		o.Interpolate.Substitute = substitute
		o.Profiles = profiles(env)
	})
	var notes []string
	for _, variable := range unset {
		notes = append(notes, fmt.Sprintf("%s: %s is not set, and empty", f.name, variable))
	}
	return project, notes, err
}

// environment is that of this process, on top of the .env file's.
func (f *file) environment() (types.Mapping, error) {
	env := types.NewMapping(os.Environ())
	beside := filepath.Join(filepath.Dir(f.path), ".env")
	if _, err := os.Stat(beside); errors.Is(err, fs.ErrNotExist) {
		return env, nil
	}
	given, err := dotenv.GetEnvFromFile(env, []string{beside})
	if err != nil {
		return nil, err
	}
	return env.Merge(given), nil
}

func profiles(env types.Mapping) []string {
	return strings.FieldsFunc(env["COMPOSE_PROFILES"], func(r rune) bool { return r == ',' })
}
