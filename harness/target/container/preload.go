package container

import (
	"archive/tar"
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"strconv"
	"strings"

	"github.com/moby/moby/api/types/mount"
	"github.com/moby/moby/client"

	"github.com/leakcheck/leakcheck/harness/target"
)

// preloadSource is what NODE_OPTIONS has every Node process in the container
// load.
//
//go:embed preload.cjs
var preloadSource []byte

const (
	// preloadFolder is where a volume of the run's own is mounted, so that it
	// works with a read-only root filesystem and on an engine elsewhere.
	preloadFolder = "/.leakcheck"
	preloadFile   = "preload.cjs"
	// inspectorPort is the inspector's within the container: not Node's own
	// 9229, which an image may have opened itself.
	inspectorPort = 39229
)

// instrument adds to the app's environment what opens the inspector.
func (c *Container) instrument(env map[string]string, img *image) {
	env["LEAKCHECK_PORT"] = strconv.Itoa(c.port)
	env["LEAKCHECK_INSPECTOR"] = strconv.Itoa(inspectorPort)
	env[target.RunIDVariable] = c.run[runLabel]
	options, given := env["NODE_OPTIONS"]
	if !given {
		options = img.env["NODE_OPTIONS"]
	}
	options += " --require=" + preloadFolder + "/" + preloadFile
	// Official images name their version; without it, gc() is left out, as an
	// older Node would not start.
	if version, given := img.env["NODE_VERSION"]; given && target.AllowsExposeGC(version) {
		options += " --expose-gc"
	}
	env["NODE_OPTIONS"] = strings.TrimSpace(options)
}

// preloadVolume is made with the container, and removed with the run.
func preloadVolume(run labels) mount.Mount {
	return mount.Mount{
		Type: mount.TypeVolume, Source: "leakcheck-" + run[runLabel], Target: preloadFolder,
		VolumeOptions: &mount.VolumeOptions{NoCopy: true, Labels: run},
	}
}

// copyPreload puts the file onto the volume of a container that was not started
// yet.
func (e *engine) copyPreload(ctx context.Context, id string) error {
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	head := &tar.Header{Name: preloadFile, Mode: 0o444, Size: int64(len(preloadSource))}
	if err := w.WriteHeader(head); err != nil {
		return fmt.Errorf("pack the preloaded file: %w", err)
	}
	if _, err := w.Write(preloadSource); err != nil {
		return fmt.Errorf("pack the preloaded file: %w", err)
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("pack the preloaded file: %w", err)
	}
	_, err := e.api.CopyToContainer(ctx, id, client.CopyToContainerOptions{DestinationPath: preloadFolder, Content: &archive})
	if err != nil {
		return fmt.Errorf("copy the preloaded file into the container: %w", err)
	}
	return nil
}
