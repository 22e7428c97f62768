package scenarios

import (
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// ImageSpec is what a container is made of, the target's or a service's.
type ImageSpec struct {
	Image string `json:"image,omitempty" jsonschema:"image to run: node:24-slim; this or build"`
	Build *Build `json:"build,omitempty" jsonschema:"how to build the image; this or image"`
	// Command and Entrypoint may contain {{port}}, {{env "NAME"}} and
	// {{service "NAME"}}.
	Entrypoint []string `json:"entrypoint,omitempty" jsonschema:"replaces the image's entrypoint"`
	Command    []string `json:"command,omitempty" jsonschema:"replaces the image's command"`
	User       string   `json:"user,omitempty" jsonschema:"user to run as: node or 1000:1000; absent: the image's"`
	// Memory is 0 for no limit, and CPUs too.
	Memory     unit.Bytes `json:"memory,omitempty" jsonschema:"memory limit: 256 MiB; absent: none"`
	CPUs       float64    `json:"cpus,omitempty" jsonschema:"processors that it may use: 1.5; absent: all"`
	ReadOnly   bool       `json:"read_only,omitempty" jsonschema:"run with a read-only root filesystem"`
	Tmpfs      []string   `json:"tmpfs,omitempty" jsonschema:"folders in the container that are kept in memory: [/tmp]"`
	Mounts     []Mount    `json:"mounts,omitempty" jsonschema:"files and folders of this machine to mount"`
	ExtraHosts []string   `json:"extra_hosts,omitempty" jsonschema:"lines for the container's hosts file: name:address"`
	Volumes    []Volume   `json:"volumes,omitempty" jsonschema:"empty volumes of the run's own to mount; those of one name are shared"`
	ShmSize    unit.Bytes `json:"shm_size,omitempty" jsonschema:"size of /dev/shm: 256 MiB; absent: the engine's"`
	WorkingDir string     `json:"working_dir,omitempty" jsonschema:"folder in the container to start in; absent: the image's"`
	Init       bool       `json:"init,omitempty" jsonschema:"let the engine's init program be the first process"`
	Aliases    []string   `json:"aliases,omitempty" jsonschema:"further names by which other containers of the run reach it"`
	Platform   string     `json:"platform,omitempty" jsonschema:"platform of the image: linux/arm64; absent: the engine's"`
	Pull       string     `json:"pull,omitempty" jsonschema:"when to pull the image: missing, always or never; absent: missing"`
}

// Build is how an image is made. Context is absolute; the file gives it
// relative to itself.
type Build struct {
	Context    string            `json:"context,omitempty" jsonschema:"folder to build from, relative to this file; absent: this file's folder"`
	Dockerfile string            `json:"dockerfile,omitempty" jsonschema:"file with the instructions, relative to the context; absent: Dockerfile"`
	Args       map[string]string `json:"args,omitempty" jsonschema:"build arguments; values may contain {{env \"NAME\"}}"`
	Target     string            `json:"target,omitempty" jsonschema:"stage to build; absent: the last"`
}

// Mount is a file or folder of this machine in a container. Source is
// absolute; the file gives it relative to itself. Content is that of a file
// which no file of this machine has, as a Compose secret from the environment.
type Mount struct {
	Source   string `json:"source" jsonschema:"file or folder on this machine, relative to this file"`
	Target   string `json:"target" jsonschema:"absolute path in the container"`
	ReadOnly bool   `json:"read_only,omitempty" jsonschema:"forbid writing to it"`
	Content  []byte `json:"-"`
}

// Volume is storage that lives as long as the run. Containers that name the
// same one share it.
type Volume struct {
	Name   string `json:"name" jsonschema:"names the volume within the run"`
	Target string `json:"target" jsonschema:"absolute path in the container"`
}

// Container is the target as a container. Env, Port and Ready are the target's.
type Container struct {
	// Service names one of the Compose file, which ImageSpec adds to.
	Service string `json:"service,omitempty" jsonschema:"service of the compose file that is the target; this, image or build"`
	ImageSpec
	Network string `json:"network,omitempty" jsonschema:"existing network to join as well; absent: only one of the run's own"`
}

// Service is a container that the target needs. It is reached by its name.
type Service struct {
	Name string `json:"name" jsonschema:"names the service, also in its network"`
	ImageSpec
	Env       map[string]string `json:"env,omitempty" jsonschema:"environment variables; values may contain {{env \"NAME\"}} and {{service \"NAME\"}}"`
	Port      int               `json:"port,omitempty" jsonschema:"port that it listens on, for {{service \"NAME\"}} and readiness"`
	Ready     ServiceReady      `json:"ready,omitzero" jsonschema:"how to know that it is ready; absent: its port listens, or it was started"`
	DependsOn []string          `json:"depends_on,omitempty" jsonschema:"services that must be ready before it is started"`
}

// ServiceReady says when a service can be used: with no Log, Command or
// Completed, when its port listens.
type ServiceReady struct {
	Log       string        `json:"log,omitempty" jsonschema:"regular expression for the line that it prints when it is ready"`
	Command   []string      `json:"command,omitempty" jsonschema:"command that succeeds in the container when it is ready: [pg_isready]"`
	Completed bool          `json:"completed,omitempty" jsonschema:"it is ready once it has ended with exit code 0, as a migration does"`
	Timeout   time.Duration `json:"timeout,omitempty" jsonschema:"longest wait for readiness; absent: 60s"`
}

// Attach is a target that runs already, and goes on to run afterwards.
type Attach struct {
	URL       string `json:"url" jsonschema:"where the app serves: http://127.0.0.1:3000"`
	Inspector string `json:"inspector,omitempty" jsonschema:"address of its inspector: 127.0.0.1:9229, or a ws:// URL"`
	PID       int    `json:"pid,omitempty" jsonschema:"process of this machine whose inspector to open with SIGUSR1; this or inspector"`
}
