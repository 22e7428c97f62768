package container

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/log"

	"github.com/leakcheck/leakcheck/harness/target"
)

// engine is the container engine that the environment names.
type engine struct {
	provider *testcontainers.DockerProvider
	api      client.APIClient
	about    About
}

// About describes an engine.
type About struct {
	Version string // "20.10.24"
	API     string // "1.41"
	System  string // "linux/amd64"
	Host    string // where it is reached: "unix:///var/run/docker.sock"
	Cgroup  string // version of control groups: "1" or "2"
	// Address is where published ports are reached. A name would not pass: an
	// inspector answers to addresses only.
	Address netip.Addr
}

// Remote reports whether the engine is not on this machine, so that published ports
// must be open on its own.
func (a About) Remote() bool { return !a.Address.IsLoopback() }

func (a About) String() string {
	text := fmt.Sprintf("engine %s (API %s, %s, cgroup v%s) at %s", a.Version, a.API, a.System, a.Cgroup, a.Host)
	if a.Remote() {
		text += "; " + a.exposed()
	}
	return text
}

// exposed is what a user of a remote engine must know.
func (a About) exposed() string {
	return fmt.Sprintf("while a run lasts, the app's port and its inspector are open to whoever reaches %s", a.Address)
}

// Ask describes the engine, or says why there is none, as a *target.Error.
func Ask(ctx context.Context) (About, error) {
	e, err := connect(ctx)
	if err != nil {
		return About{}, err
	}
	defer e.close()
	return e.about, nil
}

func connect(ctx context.Context) (*engine, error) {
	// Our labels and our watchdog do what its reaper would, without an image
	// that has to be pulled.
	if err := os.Setenv("TESTCONTAINERS_RYUK_DISABLED", "true"); err != nil {
		return nil, fmt.Errorf("prepare the engine's client: %w", err)
	}
	if host := os.Getenv(client.EnvOverrideHost); strings.HasPrefix(host, "ssh://") {
		return nil, failure(target.NoEngine, "forward the engine's port and give DOCKER_HOST=tcp://...",
			"DOCKER_HOST=%s: engines are not reached by ssh", host)
	}
	if err := answers(ctx); err != nil {
		return nil, noEngine(err)
	}
	silence()
	provider, err := testcontainers.NewDockerProvider(
		testcontainers.WithLogger(log.NewNoopLogger()),
		// Any other name has it make a network of its own, which nobody removes.
		testcontainers.WithDefaultBridgeNetwork("bridge"),
	)
	if err != nil {
		return nil, noEngine(err)
	}
	e := &engine{provider: provider, api: provider.Client()}
	version, err := e.api.ServerVersion(ctx, client.ServerVersionOptions{})
	if err != nil {
		e.close()
		return nil, noEngine(err)
	}
	info, err := e.api.Info(ctx, client.InfoOptions{})
	if err != nil {
		e.close()
		return nil, noEngine(err)
	}
	e.about = About{
		Version: version.Version, API: version.APIVersion, System: version.Os + "/" + version.Arch,
		Host: e.api.DaemonHost(), Cgroup: info.Info.CgroupVersion,
	}
	if e.about.Address, err = e.address(ctx); err != nil {
		e.close()
		return nil, noEngine(err)
	}
	return e, nil
}

// silence keeps testcontainers from writing to standard error.
var silence = sync.OnceFunc(func() { log.SetDefault(log.NewNoopLogger()) })

func (e *engine) close() { _ = e.provider.Close() } // idle connections only

func noEngine(err error) error {
	hint := "install and start a container engine (Debian: apt-get install docker.io), or let DOCKER_HOST name one"
	if strings.Contains(err.Error(), "permission denied") {
		hint = "add your user to the docker group and log in again, or run as root"
	}
	return failure(target.NoEngine, hint, "reach the container engine: %w", err)
}

// answers asks the engine that DOCKER_HOST names, if it names one: the provider
// would take another in its place.
func answers(ctx context.Context) error {
	if os.Getenv(client.EnvOverrideHost) == "" {
		return nil
	}
	api, err := client.New(client.FromEnv)
	if err != nil {
		return err
	}
	defer api.Close()
	_, err = api.Ping(ctx, client.PingOptions{})
	return err
}

// address is this machine's, or that of the engine's as testcontainers reports
// it.
func (e *engine) address(ctx context.Context) (netip.Addr, error) {
	if u, err := url.Parse(e.about.Host); err == nil && (u.Scheme == "unix" || u.Scheme == "npipe") {
		return loopback, nil
	}
	host, err := e.provider.DaemonHost(ctx)
	if err != nil {
		return netip.Addr{}, fmt.Errorf("find the engine's machine: %w", err)
	}
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil || len(found) == 0 {
		return netip.Addr{}, fmt.Errorf("find the engine's machine %s: %w", host, err)
	}
	return found[0].Unmap(), nil
}

// createNetwork makes the private network of a run.
func (e *engine) createNetwork(ctx context.Context, run labels) (string, error) {
	name := "leakcheck-" + run[runLabel]
	if err := ctx.Err(); err != nil {
		return "", err
	}
	ctx, cancel := inWhole(ctx)
	defer cancel()
	_, err := e.api.NetworkCreate(ctx, name, client.NetworkCreateOptions{Driver: "bridge", Labels: run})
	if err != nil {
		return "", fmt.Errorf("make the run's network: %w", err)
	}
	return name, nil
}

// makeTimeout bounds what cannot be interrupted.
const makeTimeout = 20 * time.Second

// inWhole is for making something on the engine, which goes on with it when the
// request is given up: it would be there only after all was removed.
func inWhole(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), makeTimeout)
}

// stop lets a container end by itself. What does not is removed in any case.
func (e *engine) stop(ctx context.Context, id string, grace int) {
	_, _ = e.api.ContainerStop(ctx, id, client.ContainerStopOptions{Timeout: &grace})
}
