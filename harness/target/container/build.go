package container

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/moby/moby/api/types/build"
	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/leakcheck/leakcheck/harness/target"
)

// build makes an image with BuildKit, under a name of the run's own.
func (e *engine) build(ctx context.Context, o *Options, name string, s *Spec, run labels) (string, error) {
	args := map[string]*string{}
	for arg, text := range s.Build.Args {
		value := o.expand(text, o.Port)
		args[arg] = &value
	}
	request := testcontainers.ContainerRequest{FromDockerfile: testcontainers.FromDockerfile{
		Context: s.Build.Context, Dockerfile: s.Build.Dockerfile, BuildArgs: args,
		Repo: "leakcheck-" + name, Tag: run[runLabel],
		BuildOptionsModifier: func(b *client.ImageBuildOptions) {
			b.Version, b.Target, b.Labels = build.BuilderBuildKit, s.Build.Target, run
			b.PullParent = s.Pull == "always"
		},
	}}
	options, err := request.BuildOptions()
	if err != nil {
		return "", failure(target.BuildFailed, "check build.context and build.dockerfile", "build the image of %s: %w", name, err)
	}
	if closer, ok := options.Context.(io.Closer); ok {
		defer closer.Close()
	}
	answer, err := e.api.ImageBuild(ctx, options.Context, options)
	if err != nil {
		return "", failure(target.BuildFailed, "check build.context and build.dockerfile", "build the image of %s: %w", name, err)
	}
	defer answer.Body.Close()
	if said, err := readBuild(answer.Body); err != nil {
		f := failure(target.BuildFailed, "docker build must work in the same folder", "build the image of %s: %w", name, err)
		f.Detail = said
		return "", f
	}
	return options.Tags[0], nil
}

// buildLines is how much of a failed build is shown.
const buildLines = 20

// readBuild follows a build to its end and returns the last lines that it
// printed.
func readBuild(r io.Reader) (said string, err error) {
	var text strings.Builder
	dec := json.NewDecoder(r)
	for {
		var m struct {
			Error string
			ID    string
			Aux   json.RawMessage
		}
		if err := dec.Decode(&m); errors.Is(err, io.EOF) {
			return "", nil
		} else if err != nil {
			return lastLines(text.String()), fmt.Errorf("follow the build: %w", err)
		}
		if m.ID == "moby.buildkit.trace" {
			var status []byte // base64 in JSON
			if err := json.Unmarshal(m.Aux, &status); err == nil {
				text.Write(buildLog(status))
			}
		}
		if m.Error != "" {
			return lastLines(text.String()), errors.New(m.Error)
		}
	}
}

func lastLines(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-buildLines):], "\n")
}

// Fields of BuildKit's StatusResponse and of its VertexLog (moby/buildkit,
// api/services/control/control.proto).
const (
	statusLogs = 3
	logMessage = 4
)

// buildLog is what the build's steps printed, out of one status message.
func buildLog(status []byte) []byte {
	var out []byte
	for _, log := range fields(status, statusLogs) {
		for _, text := range fields(log, logMessage) {
			out = append(out, text...)
		}
	}
	return out
}

// fields are the values of a message's length-delimited field. What cannot be
// read ends them.
func fields(message []byte, number protowire.Number) [][]byte {
	var found [][]byte
	for len(message) > 0 {
		n, typ, size := protowire.ConsumeTag(message)
		if size < 0 {
			break
		}
		message = message[size:]
		if n == number && typ == protowire.BytesType {
			value, size := protowire.ConsumeBytes(message)
			if size < 0 {
				break
			}
			found, message = append(found, value), message[size:]
			continue
		}
		if size = protowire.ConsumeFieldValue(n, typ, message); size < 0 {
			break
		}
		message = message[size:]
	}
	return found
}
