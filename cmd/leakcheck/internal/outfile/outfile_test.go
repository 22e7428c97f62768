package outfile_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/outfile"
)

func hello(w io.Writer) error {
	_, err := io.WriteString(w, "hello")
	return err
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func mode(t *testing.T, path string) os.FileMode {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode().Type()
}

func TestWriteReplacesRegularFiles(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "report.xml")
	for range 2 { // a new one, then one that is there
		if err := outfile.Write(file, io.Discard, hello); err != nil {
			t.Fatal(err)
		}
		if got := read(t, file); got != "hello" {
			t.Errorf("got %q", got)
		}
	}
	broken := errors.New("no space left")
	if err := outfile.Write(file, io.Discard, func(io.Writer) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
	if got := read(t, file); got != "hello" {
		t.Errorf("after a write that failed: got %q", got)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(left) != 1 {
		t.Errorf("got files %v, %v, want one", left, err)
	}
}

func TestWriteKeepsLinks(t *testing.T) {
	dir := t.TempDir()
	link, middle, file := filepath.Join(dir, "link"), filepath.Join(dir, "middle"), filepath.Join(dir, "file")
	for name, to := range map[string]string{link: middle, middle: "file"} {
		if err := os.Symlink(to, name); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // a link to nothing, then to a file
		if err := outfile.Write(link, io.Discard, hello); err != nil {
			t.Fatal(err)
		}
		if mode(t, link) != os.ModeSymlink || mode(t, middle) != os.ModeSymlink || mode(t, file) != 0 || read(t, file) != "hello" {
			t.Errorf("got modes %v, %v, %v and %q", mode(t, link), mode(t, middle), mode(t, file), read(t, file))
		}
	}
	if err := os.Symlink("loop", filepath.Join(dir, "loop")); err != nil {
		t.Fatal(err)
	}
	if err := outfile.Write(filepath.Join(dir, "loop"), io.Discard, hello); err == nil {
		t.Error("a link to itself was written")
	}
}

func TestWriteGoesThroughFIFOs(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	got := make(chan string)
	go func() {
		text, err := os.ReadFile(fifo)
		if err != nil {
			text = []byte(err.Error())
		}
		got <- string(text)
	}()
	if err := outfile.Write(fifo, io.Discard, hello); err != nil {
		t.Fatal(err)
	}
	if text := <-got; text != "hello" || mode(t, fifo) != os.ModeNamedPipe {
		t.Errorf("got %q, and then mode %v", text, mode(t, fifo))
	}
}

// A device of our own, so that a test that fails leaves /dev/null alone.
func TestWriteGoesThroughDevices(t *testing.T) {
	device := filepath.Join(t.TempDir(), "null")
	const null = 1<<8 | 3
	if err := syscall.Mknod(device, syscall.S_IFCHR|0o666, null); err != nil {
		t.Skip("making a device:", err)
	}
	err := outfile.Write(device, io.Discard, hello)
	if mode(t, device) != os.ModeDevice|os.ModeCharDevice {
		t.Errorf("got %v, and mode %v", err, mode(t, device))
	}
	if err != nil && !errors.Is(err, os.ErrPermission) { // a folder mounted without devices
		t.Error(err)
	}
}

// What a process has open is written where it stands, be it a pipe or a file
// that a shell opened.
func TestWriteGoesThroughOpenFiles(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := outfile.Write("/dev/fd/"+strconv.Itoa(int(w.Fd())), io.Discard, hello); err != nil {
		t.Fatal(err)
	}
	w.Close()
	if got, err := io.ReadAll(r); err != nil || string(got) != "hello" {
		t.Errorf("a pipe: got %q, %v", got, err)
	}

	f, err := os.Create(filepath.Join(t.TempDir(), "file"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString("before "); err != nil {
		t.Fatal(err)
	}
	if err := outfile.Write("/dev/fd/"+strconv.Itoa(int(f.Fd())), io.Discard, hello); err != nil {
		t.Fatal(err)
	}
	if got := read(t, f.Name()); got != "before hello" {
		t.Errorf("a file: got %q", got)
	}
}

func TestWriteToStandardOutput(t *testing.T) {
	for _, path := range []string{"-", "/dev/stdout"} {
		var out bytes.Buffer
		if err := outfile.Write(path, &out, hello); err != nil || out.String() != "hello" {
			t.Errorf("%s: got %q, %v", path, out.String(), err)
		}
	}
}

func TestWriteRefusesFolders(t *testing.T) {
	if err := outfile.Write(t.TempDir(), io.Discard, hello); err == nil {
		t.Error("a folder was written")
	}
}
