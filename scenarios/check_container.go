package scenarios

import (
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/leakcheck/leakcheck/loadgen/template"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

const (
	defaultServiceTimeout = time.Minute
	// leastMemory is what engines take at least.
	leastMemory = unit.Bytes(6 << 20)
)

// volumeName is what engines take.
var volumeName = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}$`)

// serviceName is what a name must be to be a host's too.
var serviceName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

func (c *checker) container(t *Target) {
	const path = "target.container"
	for _, key := range []string{"command", "dir"} {
		if c.has("target." + key) {
			c.fail("target."+key, "target.container has its own command; its image has the folder", "%s and container cannot be combined", key)
		}
	}
	if !c.good(path) {
		return
	}
	c.image(path, &t.Container.ImageSpec)
	if c.has(path+".service") && !c.composed {
		c.fail(path+".service", "name the file that has it: compose: compose.yaml", "service without compose")
	}
	if c.has(path+".network") && strings.TrimSpace(t.Container.Network) == "" {
		c.fail(path+".network", "", "network: the name is empty")
	}
}

// image checks what the target's container and services have in common.
func (c *checker) image(path string, i *ImageSpec) {
	image, build, service := c.has(path+".image"), c.has(path+".build"), c.has(path+".service")
	switch {
	case service && (image || build):
		c.fail(path+".service", "keep one of them", "service, image and build cannot be combined")
	case image && build:
		c.fail(path+".build", "keep one of them", "image and build cannot be combined")
	case !image && !build && !service && c.good(path):
		at := c.nearest(path)
		c.add(at.line, at.col, "add image: node:24-slim", "neither image nor build is given")
	case c.good(path+".image") && (i.Image == "" || strings.ContainsAny(i.Image, " \t\n")):
		c.fail(path+".image", "", "image: %s is no name of an image", quote(i.Image))
	case c.good(path + ".build"):
		c.build(path+".build", i.Build)
	}
	c.targetTexts(path+".entrypoint", i.Entrypoint)
	c.targetTexts(path+".command", i.Command)
	c.limits(path, i)
	c.mounts(path, i)
	for n, line := range i.ExtraHosts {
		if host, address, found := strings.Cut(line, ":"); !found || host == "" || address == "" {
			c.fail(indexed(path+".extra_hosts", n), "", "extra_hosts: %s is not name:address", quote(line))
		}
	}
	if c.good(path+".pull") && !slices.Contains([]string{"missing", "always", "never"}, i.Pull) {
		c.fail(path+".pull", "", "pull: %s is not known: want missing, always or never", quote(i.Pull))
	}
}

func (c *checker) build(path string, b *Build) {
	given := b.Context
	b.Context = c.resolved(given)
	c.folder(path+".context", given, b.Context)
	for name, value := range b.Args {
		c.targetText(join(path+".args", name), value)
	}
}

func (c *checker) limits(path string, i *ImageSpec) {
	if c.good(path+".memory") && i.Memory < leastMemory {
		c.fail(path+".memory", "", "memory: %s is less than any program needs", i.Memory)
	}
	if c.good(path+".cpus") && !(i.CPUs > 0) {
		c.fail(path+".cpus", "", "cpus: must be more than 0")
	}
}

func (c *checker) mounts(at string, i *ImageSpec) {
	for n := range i.Mounts {
		m := &i.Mounts[n]
		entry := indexed(at+".mounts", n)
		if c.required(entry, "source", "add source: ./folder") {
			given := m.Source
			m.Source = c.resolved(given)
			c.exists(entry+".source", given, m.Source)
		}
		if c.required(entry, "target", "add target: /folder") {
			c.absolute(entry+".target", m.Target)
		}
	}
	for n, folder := range i.Tmpfs {
		c.absolute(indexed(at+".tmpfs", n), folder)
	}
	for n, v := range i.Volumes {
		entry := indexed(at+".volumes", n)
		if c.required(entry, "name", "add name: data") && !volumeName.MatchString(v.Name) {
			c.fail(entry+".name", "", "name: %s cannot be the name of a volume: want letters, digits, _, . and -", quote(v.Name))
		}
		if c.required(entry, "target", "add target: /folder") {
			c.absolute(entry+".target", v.Target)
		}
	}
	if c.has(at + ".working_dir") {
		c.absolute(at+".working_dir", i.WorkingDir)
	}
	for n, name := range i.Aliases {
		if !serviceName.MatchString(name) {
			c.fail(indexed(at+".aliases", n), "", "aliases: %s cannot be the name of a host: want small letters, digits and -", quote(name))
		}
	}
}

func (c *checker) absolute(at, folder string) {
	if !path.IsAbs(folder) {
		c.fail(at, "", "%s%s is not an absolute path", label(at), quote(folder))
	}
}

// compose looks no further than that there is such a file: it is read with the
// environment of the run.
func (c *checker) compose(s *Scenario) {
	if !c.has("compose") {
		return
	}
	c.composed = true
	switch {
	case c.has("services"):
		c.fail("compose", "keep one of them", "compose and services cannot be combined")
	case c.good("target") && !c.has("target.container"):
		c.fail("compose", "let the target be one of its services: target: {container: {service: app}}", "compose without target.container")
	}
	if c.good("compose") {
		c.file("compose", &s.Compose)
	}
}

func (c *checker) services(s *Scenario) {
	if c.has("services") && c.good("target") && !c.has("target.container") {
		c.fail("services", "run the target in a container too: target: {container: {image: ...}}", "services without target.container")
	}
	for i := range s.Services {
		svc, path := &s.Services[i], indexed("services", i)
		if !c.good(path) || !c.required(path, "name", "add a name for the service") {
			continue
		}
		_, taken := c.ports[svc.Name]
		switch {
		case !serviceName.MatchString(svc.Name) || svc.Name == "target":
			c.fail(path+".name", "", "name: %s cannot be the name of a host here: want small letters, digits and -, and not target", quote(svc.Name))
		case taken:
			c.fail(path+".name", "", "two services are named %s", quote(svc.Name))
		}
		c.ports[svc.Name] = svc.Port
	}
	for i := range s.Services {
		if path := indexed("services", i); c.good(path) {
			c.service(path, &s.Services[i])
		}
	}
	c.order(s.Services)
}

func (c *checker) service(path string, s *Service) {
	c.image(path, &s.ImageSpec)
	c.env(path+".env", s.Env)
	c.port(path+".port", s.Port)
	ready := path + ".ready"
	c.exclusive(ready, "log", "command", "completed")
	if _, err := regexp.Compile(s.Ready.Log); err != nil {
		c.fail(ready+".log", "", "log: %v", err)
	}
	c.targetTexts(ready+".command", s.Ready.Command)
	c.timeout(ready+".timeout", &s.Ready.Timeout, defaultServiceTimeout)
	for n, name := range s.DependsOn {
		if _, known := c.ports[name]; !known {
			c.fail(indexed(path+".depends_on", n), "", "depends_on: no service is named %s", quote(name))
		}
	}
}

// exclusive fails for each of the keys but the first that is given.
func (c *checker) exclusive(path string, keys ...string) {
	first := ""
	for _, key := range keys {
		switch {
		case !c.has(join(path, key)):
		case first == "":
			first = key
		default:
			c.fail(join(path, key), "keep the one that says more", "%s%s and %s cannot be combined", label(path), first, key)
		}
	}
}

// order puts services after those that they depend on.
func (c *checker) order(services []Service) {
	started := map[string]bool{}
	for sorted := 0; sorted < len(services); sorted++ {
		next := slices.IndexFunc(services[sorted:], func(s Service) bool {
			return !slices.ContainsFunc(s.DependsOn, func(name string) bool {
				_, known := c.ports[name]
				return known && !started[name]
			})
		})
		if next < 0 {
			c.fail("services", "", "services: %s depends on itself, by way of depends_on", quote(services[sorted].Name))
			return
		}
		s := services[sorted+next]
		started[s.Name] = true
		copy(services[sorted+1:], slices.Clone(services[sorted:sorted+next]))
		services[sorted] = s
	}
}

func (c *checker) attach(t *Target) {
	const path = "target.attach"
	for _, key := range []string{"command", "container", "dir", "env", "port", "ready", "inspect"} {
		if c.has("target." + key) {
			c.fail("target."+key, "an attached target is not started", "%s and attach cannot be combined", key)
		}
	}
	if !c.good(path) {
		return
	}
	if c.required(path, "url", "add url: http://127.0.0.1:3000") {
		u, err := url.Parse(t.Attach.URL)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.Trim(u.Path, "/") != "" {
			c.fail(path+".url", "write it as http://127.0.0.1:3000", "url: %s is no base URL", quote(t.Attach.URL))
		}
	}
	inspector, pid := c.has(path+".inspector"), c.has(path+".pid")
	switch {
	case inspector == pid:
		at := c.nearest(path)
		c.add(at.line, at.col, "add inspector: 127.0.0.1:9229, or pid:", "one of inspector and pid is needed")
	case c.good(path+".pid") && t.Attach.PID < 1:
		c.fail(path+".pid", "", "pid: %d is no process", t.Attach.PID)
	case c.good(path+".inspector") && strings.TrimSpace(t.Attach.Inspector) == "":
		c.fail(path+".inspector", "write it as 127.0.0.1:9229", "inspector: the address is empty")
	}
}

func (c *checker) targetTexts(path string, texts []string) {
	for i, text := range texts {
		c.targetText(indexed(path, i), text)
	}
}

// targetText checks a text for the target or a service, and that the services
// which it names are there and have a port.
func (c *checker) targetText(path, text string) {
	t := c.template(path, text, template.ParseTarget)
	if t == nil {
		return
	}
	if c.composed {
		return
	}
	for _, name := range t.Services() {
		if port, known := c.ports[name]; !known {
			c.fail(path, "", "no service is named %s", quote(name))
		} else if port == 0 {
			c.fail(path, "add port: to the service", "service %s has no port", quote(name))
		}
	}
}
