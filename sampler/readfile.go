package sampler

import (
	"context"
	"encoding/json"
	"fmt"
	"path"
)

// ReadFile reads a file as the target sees it, which may run in a container.
func (s *Sampler) ReadFile(ctx context.Context, name string) (string, error) {
	text, err := s.readText(ctx, "fs", `module.readFileSync(name, 'utf8')`, name)
	if err != nil {
		return "", fmt.Errorf("read %s in the target: %w", path.Base(name), err)
	}
	return text, nil
}

// SourceMap is the source map that Node holds for a script, "" when there is
// none.
func (s *Sampler) SourceMap(ctx context.Context, script string) (string, error) {
	return s.readText(ctx, "module", `((map) => map ? JSON.stringify(map.payload) : '')(module.findSourceMap?.(name))`, script)
}

// WorkingDir is the folder that the target runs in.
func (s *Sampler) WorkingDir(ctx context.Context) (string, error) {
	return s.readText(ctx, "process", `process.cwd()`, "")
}

// readText evaluates an expression of a built-in module and a name.
func (s *Sampler) readText(ctx context.Context, module, expression, name string) (string, error) {
	quoted, err := json.Marshal(name)
	if err != nil {
		return "", err
	}
	source := fmt.Sprintf(`((module, name) => %s)((process.getBuiltinModule ?? require)(%q), %s)`, expression, module, quoted)
	var e evaluation[string]
	params := map[string]any{"expression": source, "returnByValue": true, "silent": true, "includeCommandLineAPI": true}
	if err := call(ctx, s.client, answerTime, "Runtime.evaluate", params, &e); err != nil {
		return "", err
	}
	return e.Result.Value, e.err()
}
