package command

import (
	"runtime"
	"runtime/debug"
)

// Build is what the binary knows of itself.
type Build struct {
	Version string `json:"version"`
	Commit  string `json:"commit"` // "" outside of a checkout
	Dirty   bool   `json:"dirty"`
	Go      string `json:"go"`
}

// ReadBuild reads what the Go tool has written into the binary.
func ReadBuild() Build {
	b := Build{Version: "unknown", Go: runtime.Version()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	b.Version = info.Main.Version
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.modified":
			b.Dirty = s.Value == "true"
		}
	}
	return b
}
