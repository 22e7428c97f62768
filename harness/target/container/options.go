package container

import (
	"regexp"
	"time"

	"github.com/leakcheck/leakcheck/harness/target"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// Options say what to start, and when the app counts as ready.
type Options struct {
	Spec
	Network string            // an existing network to join as well; "" for none
	Env     map[string]string // on top of the image's
	// Port that the app listens on in its container. 0 takes the image's PORT,
	// else the one port that it exposes, else 3000. The app finds it in PORT,
	// unless Env sets that.
	Port     int
	Ready    target.Ready
	Services []Service // in the order to start them
	// Expand gives what a text of a command, an entrypoint, an environment or a
	// build argument stands for with the app on port; nil leaves them as they
	// are.
	Expand  func(text string, port int) string
	LogPath string // file for the app's output; "" keeps only the last lines
	RunID   string // in the labels of everything that is made
	// KeepInspector lets the app open an inspector of its own to its networks.
	KeepInspector bool
	Say           func(string) // told what takes long: pulling, building; may be nil
}

// Spec is what a container is made of. Image or Build is set.
type Spec struct {
	Image      string
	Build      *Build
	Entrypoint []string // nil: the image's
	Command    []string // nil: the image's
	User       string
	Memory     unit.Bytes // 0: no limit
	CPUs       float64    // 0: no limit
	ReadOnly   bool
	Tmpfs      []string
	Mounts     []Mount
	Volumes    []Volume
	ShmSize    unit.Bytes // 0: the engine's
	WorkingDir string     // "": the image's
	Init       bool       // the engine's init program runs first
	Aliases    []string   // further names in the run's network
	ExtraHosts []string
	Platform   string
	Pull       string // "missing" (or ""), "always" or "never"
}

// Build is how an image is made.
type Build struct {
	Context    string // absolute
	Dockerfile string // "" is Dockerfile
	Args       map[string]string
	Target     string
}

// Mount binds a file or folder of this machine into the container; without a
// Source, a file with the content is written there.
type Mount struct {
	Source   string // absolute
	Target   string // absolute
	ReadOnly bool
	Content  []byte
}

// Volume is a volume of the run's own. Those of one name are one.
type Volume struct {
	Name   string
	Target string // absolute
}

// Service is a container that the app needs. It is reached by its name on the
// run's network.
type Service struct {
	Name string
	Spec
	Env   map[string]string
	Port  int // 0 when it has none
	Ready ServiceReady
}

// ServiceReady says when a service can be used: when a line matches Log, when
// Command succeeds in the container, when it has Completed with exit code 0, or
// else when Port takes connections.
type ServiceReady struct {
	Log       *regexp.Regexp
	Command   []string
	Completed bool
	Timeout   time.Duration
}

func (o *Options) expand(text string, port int) string {
	if o.Expand == nil {
		return text
	}
	return o.Expand(text, port)
}

func (o *Options) expandAll(texts []string, port int) []string {
	var out []string
	for _, text := range texts {
		out = append(out, o.expand(text, port))
	}
	return out
}

func (o *Options) say(message string) {
	if o.Say != nil {
		o.Say(message)
	}
}
