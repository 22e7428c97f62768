package container

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"

	"github.com/leakcheck/leakcheck/harness/target/proctree"
)

// The labels of everything that a run makes.
const (
	runLabel   = "org.leakcheck.run"   // the run's id
	ownerLabel = "org.leakcheck.owner" // the process that removes it: machine and pid
)

// labels are those of one run.
type labels map[string]string

func newLabels(runID string) labels {
	return labels{runLabel: runID, ownerLabel: thisMachine() + " " + strconv.Itoa(os.Getpid())}
}

// filter selects what the run has made.
func (l labels) filter() client.Filters {
	return make(client.Filters).Add("label", runLabel+"="+l[runLabel])
}

func thisMachine() string {
	name, err := os.Hostname()
	if err != nil {
		return "unknown"
	}
	return name
}

// dead reports whether a run's process has ended without removing what it made. What
// another machine made on a shared engine is not known to be dead.
func (l labels) dead() bool {
	machine, text, _ := strings.Cut(l[ownerLabel], " ")
	pid, err := strconv.Atoi(text)
	return err == nil && machine == thisMachine() && pid != os.Getpid() && !proctree.Alive(pid)
}

// Removed counts what Sweep removed.
type Removed struct{ Containers, Networks, Volumes, Images int }

// Total is all of it.
func (r Removed) Total() int { return r.Containers + r.Networks + r.Volumes + r.Images }

// Sweep removes what runs have left on the engine: those whose process has
// ended, or all of them, also such as are in progress.
func Sweep(ctx context.Context, all bool) (Removed, error) {
	e, err := connect(ctx)
	if err != nil {
		return Removed{}, err
	}
	defer e.close()
	found, err := e.find(ctx, make(client.Filters).Add("label", runLabel))
	if err != nil {
		return Removed{}, err
	}
	return e.removeAll(ctx, slices.DeleteFunc(found, func(t thing) bool { return !all && !t.labels.dead() }))
}

// sweepDead removes what runs that were killed have left.
func (e *engine) sweepDead(ctx context.Context) error {
	found, err := e.find(ctx, make(client.Filters).Add("label", runLabel))
	if err != nil {
		return err
	}
	_, err = e.removeAll(ctx, slices.DeleteFunc(found, func(t thing) bool { return !t.labels.dead() }))
	return err
}

// remove removes what the filter selects. What is being made at that moment, by
// a request that was given up, is found by looking again.
func (e *engine) remove(ctx context.Context, f client.Filters) error {
	for {
		found, err := e.find(ctx, f)
		if err != nil || len(found) == 0 {
			return err
		}
		if _, err := e.removeAll(ctx, found); err != nil {
			return err
		}
	}
}

// thing is something on the engine that carries our labels.
type thing struct {
	kind   string
	id     string
	labels labels
	remove func(context.Context) error
}

// find lists what the filter selects, in an order in which it can be removed.
func (e *engine) find(ctx context.Context, f client.Filters) ([]thing, error) {
	var all []thing
	for _, list := range []func(context.Context, client.Filters) ([]thing, error){e.containers, e.networks, e.volumes, e.images} {
		found, err := list(ctx, f)
		if err != nil {
			return nil, fmt.Errorf("list what runs have made: %w", err)
		}
		all = append(all, found...)
	}
	return all, nil
}

func (e *engine) containers(ctx context.Context, f client.Filters) ([]thing, error) {
	list, err := e.api.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: f})
	var found []thing
	for _, c := range list.Items {
		found = append(found, thing{"container", c.ID, c.Labels, func(ctx context.Context) error {
			_, err := e.api.ContainerRemove(ctx, c.ID, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
			return err
		}})
	}
	return found, err
}

func (e *engine) networks(ctx context.Context, f client.Filters) ([]thing, error) {
	list, err := e.api.NetworkList(ctx, client.NetworkListOptions{Filters: f})
	var found []thing
	for _, n := range list.Items {
		found = append(found, thing{"network", n.ID, n.Labels, func(ctx context.Context) error {
			_, err := e.api.NetworkRemove(ctx, n.ID, client.NetworkRemoveOptions{})
			return err
		}})
	}
	return found, err
}

func (e *engine) volumes(ctx context.Context, f client.Filters) ([]thing, error) {
	list, err := e.api.VolumeList(ctx, client.VolumeListOptions{Filters: f})
	var found []thing
	for _, v := range list.Items {
		found = append(found, thing{"volume", v.Name, v.Labels, func(ctx context.Context) error {
			_, err := e.api.VolumeRemove(ctx, v.Name, client.VolumeRemoveOptions{Force: true})
			return err
		}})
	}
	return found, err
}

func (e *engine) images(ctx context.Context, f client.Filters) ([]thing, error) {
	list, err := e.api.ImageList(ctx, client.ImageListOptions{Filters: f})
	var found []thing
	for _, i := range list.Items {
		found = append(found, thing{"image", i.ID, i.Labels, func(ctx context.Context) error {
			_, err := e.api.ImageRemove(ctx, i.ID, client.ImageRemoveOptions{Force: true, PruneChildren: true})
			return err
		}})
	}
	return found, err
}

// removeAll goes on after an error. What is gone already, or being removed by
// the engine, is none.
func (e *engine) removeAll(ctx context.Context, things []thing) (Removed, error) {
	var n Removed
	var errs []error
	count := map[string]*int{"container": &n.Containers, "network": &n.Networks, "volume": &n.Volumes, "image": &n.Images}
	for _, t := range things {
		err := t.remove(ctx)
		switch {
		case err == nil:
			*count[t.kind]++
		case !errdefs.IsNotFound(err) && !strings.Contains(err.Error(), "is already in progress"):
			errs = append(errs, fmt.Errorf("remove %s %.12s: %w", t.kind, t.id, err))
		}
	}
	return n, errors.Join(errs...)
}
