package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// The packed packages are installed as a user installs them, and start the
// binary of this machine: its output, its exit code and its arguments.
func TestInstalledPackage(t *testing.T) {
	if _, err := exec.LookPath("npm"); err != nil {
		t.Skip("npm is not installed")
	}
	dir := t.TempDir()
	dist, out, app := filepath.Join(dir, "dist"), filepath.Join(dir, "out"), filepath.Join(dir, "app")
	for _, p := range platforms {
		target := filepath.Join(dist, "leakcheck_"+p.goos+"_"+p.goarch+"_v1", "leakcheck")
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			t.Fatal(err)
		}
		if p.goos == runtime.GOOS && p.goarch == runtime.GOARCH {
			command(t, "../..", "go", "build", "-o", target, "./cmd/leakcheck")
		} else if err := os.WriteFile(target, []byte("for another machine"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := write("1.2.3", dist, out); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(app, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(app, "package.json"), []byte(`{"name": "app"}`), 0o644); err != nil {
		t.Fatal(err)
	}
	var tarballs []string
	for _, p := range platforms {
		if p.goos == runtime.GOOS && p.goarch == runtime.GOARCH {
			tarballs = append(tarballs, pack(t, filepath.Join(out, p.os+"-"+p.cpu)))
		}
	}
	tarballs = append(tarballs, pack(t, filepath.Join(out, "leakcheck")))
	// The packages of other platforms are on no registry yet.
	command(t, app, "npm", append([]string{"install", "--offline", "--no-audit", "--omit=optional"}, tarballs...)...)

	if got := command(t, app, "npx", "--no-install", "leakcheck", "version"); !strings.Contains(got, "leakcheck") {
		t.Errorf("got %q", got)
	}
	err := exec.Command(filepath.Join(app, "node_modules", ".bin", "leakcheck"), "run", "missing.yaml").Run()
	if exit := new(exec.ExitError); !errors.As(err, &exit) || exit.ExitCode() != 2 {
		t.Errorf("got %v, want exit code 2", err)
	}
	if err := os.RemoveAll(filepath.Join(app, "node_modules", "@leakcheck")); err != nil {
		t.Fatal(err)
	}
	text, err := exec.Command(filepath.Join(app, "node_modules", ".bin", "leakcheck"), "version").CombinedOutput()
	if exit := new(exec.ExitError); !errors.As(err, &exit) || exit.ExitCode() != 4 || !strings.Contains(string(text), "is not installed\nhint: ") {
		t.Errorf("without the platform's package: got %v, %s", err, text)
	}
}

func TestMissingBinary(t *testing.T) {
	if err := write("1.2.3", t.TempDir(), t.TempDir()); err == nil || !strings.Contains(err.Error(), "0 binaries for linux/amd64") {
		t.Errorf("got %v", err)
	}
}

func pack(t *testing.T, dir string) string {
	t.Helper()
	lines := strings.Fields(command(t, dir, "npm", "pack", "--silent"))
	return filepath.Join(dir, lines[len(lines)-1])
}

func command(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}
