package scenarios

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"path/filepath"
	"slices"
)

// hashLength is that of Scenario.Hash, in hexadecimal digits.
const hashLength = 16

// sums are the digests of the files that a part of a scenario names, by their
// paths.
type sums map[string]string

// hash is over what determines the measurement: the scenario without its name,
// its production numbers (budgets, rates, waivers), its tags and seed, how leaks are
// looked into, and how a checkout is made ready. Paths count
// relative to the scenario, so that every checkout gives one hash, and files
// count with their content.
func hash(s *Scenario, dir string, files map[string][]byte) string {
	m := *s
	m.Name, m.Budget, m.Background, m.Rates, m.Run.Seed, m.Diagnose = "", nil, nil, nil, 0, Diagnose{}
	named := sums{}
	m.Target, m.Services = s.hashedTarget(dir)
	m.Compose = relative(dir, s.Compose)
	addSum(s.Compose, dir, files, named)
	m.Setup = hashedSteps(s.Setup, dir, files, named)
	m.Endpoints = make([]Endpoint, len(s.Endpoints))
	for i := range s.Endpoints {
		m.Endpoints[i] = s.Endpoints[i].hashed(dir, files, named)
	}
	return digest(struct {
		Scenario Scenario
		Files    sums
	}{m, named})
}

// hashedTarget is the target and its services with paths relative to dir, without what
// measures nothing: how a checkout is made ready, and how TLS is trusted.
func (s *Scenario) hashedTarget(dir string) (Target, []Service) {
	t := s.Target
	t.Dir, t.Prepare = relative(dir, s.Target.Dir), nil
	if s.Target.TLS != nil {
		t.TLS = &TLS{}
	}
	if s.Target.Container != nil {
		container := *s.Target.Container
		container.ImageSpec = container.relative(dir)
		t.Container = &container
	}
	services := make([]Service, len(s.Services))
	for i, svc := range s.Services {
		svc.ImageSpec = svc.relative(dir)
		services[i] = svc
	}
	return t, services
}

// hashed is e as it counts: its files by their sums, which are added to named.
func (e Endpoint) hashed(dir string, files map[string][]byte, named sums) Endpoint {
	e.Budget, e.Rate, e.Waive, e.Tags = nil, nil, nil, nil
	e.Message.hashed(dir, files, named)
	if e.Data != nil {
		data := *e.Data
		addSum(data.File, dir, files, named)
		data.File = relative(dir, data.File)
		e.Data = &data
	}
	e.Flow = hashedSteps(e.Flow, dir, files, named)
	addSum(e.Targets, dir, files, named)
	for _, arg := range e.Exec {
		addSum(filepath.Join(dir, arg), dir, files, named)
	}
	e.Targets = relative(dir, e.Targets)
	return e
}

func hashedSteps(steps []Step, dir string, files map[string][]byte, named sums) []Step {
	out := slices.Clone(steps)
	for i := range out {
		out[i].Message.hashed(dir, files, named)
	}
	return out
}

// hashed makes m what it counts as: a file by its sum, which is added to named.
func (m *Message) hashed(dir string, files map[string][]byte, named sums) {
	addSum(m.BodyFile, dir, files, named)
	if m.BodyFile != "" {
		m.Body = ""
	}
	m.BodyFile = relative(dir, m.BodyFile)
	m.Multipart = slices.Clone(m.Multipart)
	for i := range m.Multipart {
		part := &m.Multipart[i]
		addSum(part.File, dir, files, named)
		part.File = relative(dir, part.File)
	}
}

func addSum(name, dir string, files map[string][]byte, named sums) {
	if content, ok := files[name]; ok {
		sum := sha256.Sum256(content)
		named[relative(dir, name)] = hex.EncodeToString(sum[:])
	}
}

// relative is i with its paths relative to dir.
func (i ImageSpec) relative(dir string) ImageSpec {
	if i.Build != nil {
		build := *i.Build
		build.Context = relative(dir, build.Context)
		i.Build = &build
	}
	i.Mounts = slices.Clone(i.Mounts)
	for n := range i.Mounts {
		i.Mounts[n].Source = relative(dir, i.Mounts[n].Source)
	}
	return i
}

// digest is over v's JSON, whose keys are in order. A renamed key counts under its old
// name, so that a scenario is the same before and after.
func digest(v any) string {
	canonical, err := json.Marshal(v)
	if err != nil {
		panic("scenarios: marshal scenario: " + err.Error()) // plain data, finite numbers
	}
	for old, now := range renamedKeys {
		canonical = bytes.ReplaceAll(canonical, []byte(`"`+now+`":`), []byte(`"`+old+`":`))
	}
	sum := sha256.Sum256(canonical)
	return hex.EncodeToString(sum[:])[:hashLength]
}

func relative(dir, path string) string {
	if path == "" {
		return ""
	}
	rel, err := filepath.Rel(dir, path)
	if err != nil { // another volume: its place cannot be told from here
		rel = filepath.Base(path)
	}
	return filepath.ToSlash(rel)
}
