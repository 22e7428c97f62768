package infile_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/leakcheck/leakcheck/loadgen/infile"
)

func TestRead(t *testing.T) {
	dir := t.TempDir()
	file, fifo := filepath.Join(dir, "file"), filepath.Join(dir, "fifo")
	if err := os.WriteFile(file, []byte("12345"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		path    string
		most    int64
		regular bool
		want    string // the text, or what the error says
	}{
		"whole":           {file, 5, true, "12345"},
		"one too many":    {file, 4, true, "larger than allowed"},
		"folder":          {dir, 5, false, "is a folder"},
		"endless":         {"/dev/zero", 5, false, "is a device"},
		"never written":   {fifo, 5, false, ""},
		"pipe, read once": {fifo, 5, true, "is a pipe"},
		"not there":       {filepath.Join(dir, "none"), 5, true, "no such file"},
	} {
		read := infile.Read
		if c.regular {
			read = infile.ReadRegular
		}
		text, err := read(c.path, c.most)
		got := string(text)
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	if _, err := infile.Read(file, 4); !errors.Is(err, infile.ErrTooLarge) {
		t.Errorf("got %v, want ErrTooLarge", err)
	}
}

// A pipe whose writer is there is read to its end.
func TestReadPipe(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	go func() {
		_, _ = w.WriteString("from a pipe")
		w.Close()
	}()
	text, err := infile.Read(fmt.Sprintf("/dev/fd/%d", r.Fd()), 100)
	if err != nil || string(text) != "from a pipe" {
		t.Errorf("got %q, %v", text, err)
	}
}
