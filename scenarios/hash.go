package scenarios

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"path/filepath"
	"slices"
)

// hashLength is that of Scenario.Hash, in hexadecimal digits.
const hashLength = 16

// hash is over what determines the measurement: the scenario without its name,
// its production numbers (budgets, rates, waivers), its seed, how leaks are
// looked into, and how a checkout is made ready. Paths count
// relative to the scenario, so that every checkout gives one hash, and files
// count with their content.
func hash(s *Scenario, dir string, files map[string][]byte) string {
	m := *s
	m.Name, m.Budget, m.Background, m.Rates, m.Run.Seed, m.Diagnose = "", nil, nil, nil, 0, Diagnose{}
	m.Target.Dir, m.Target.Prepare = relative(dir, s.Target.Dir), nil
	if s.Target.TLS != nil {
		m.Target.TLS = &TLS{} // how it is trusted measures nothing
	}
	if s.Target.Container != nil {
		container := *s.Target.Container
		container.ImageSpec = container.relative(dir)
		m.Target.Container = &container
	}
	m.Services = make([]Service, len(s.Services))
	for i, svc := range s.Services {
		svc.ImageSpec = svc.relative(dir)
		m.Services[i] = svc
	}
	sums := map[string]string{}
	m.Compose = relative(dir, s.Compose)
	addSum(s.Compose, dir, files, sums)
	m.Setup = hashedSteps(s.Setup, dir, files, sums)
	m.Endpoints = make([]Endpoint, len(s.Endpoints))
	for i, e := range s.Endpoints {
		e.Budget, e.Rate, e.Waive = nil, nil, nil
		e.Message.hashed(dir, files, sums)
		if e.Data != nil {
			data := *e.Data
			addSum(data.File, dir, files, sums)
			data.File = relative(dir, data.File)
			e.Data = &data
		}
		e.Flow = hashedSteps(e.Flow, dir, files, sums)
		addSum(e.Targets, dir, files, sums)
		for _, arg := range e.Exec {
			addSum(filepath.Join(dir, arg), dir, files, sums)
		}
		e.Targets = relative(dir, e.Targets)
		m.Endpoints[i] = e
	}
	return digest(struct {
		Scenario Scenario
		Files    map[string]string
	}{m, sums})
}

func hashedSteps(steps []Step, dir string, files map[string][]byte, sums map[string]string) []Step {
	out := slices.Clone(steps)
	for i := range out {
		out[i].Message.hashed(dir, files, sums)
	}
	return out
}

// hashed makes m what it counts as: a file by its sum, which is added to sums.
func (m *Message) hashed(dir string, files map[string][]byte, sums map[string]string) {
	addSum(m.BodyFile, dir, files, sums)
	if m.BodyFile != "" {
		m.Body = ""
	}
	m.BodyFile = relative(dir, m.BodyFile)
	m.Multipart = slices.Clone(m.Multipart)
	for i := range m.Multipart {
		part := &m.Multipart[i]
		addSum(part.File, dir, files, sums)
		part.File = relative(dir, part.File)
	}
}

func addSum(name, dir string, files map[string][]byte, sums map[string]string) {
	if content, ok := files[name]; ok {
		sum := sha256.Sum256(content)
		sums[relative(dir, name)] = hex.EncodeToString(sum[:])
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

// digest is over v's JSON, whose keys are in order.
func digest(v any) string {
	canonical, err := json.Marshal(v)
	if err != nil {
		panic("scenarios: marshal scenario: " + err.Error()) // plain data, finite numbers
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
