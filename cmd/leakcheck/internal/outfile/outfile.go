// Package outfile writes the files that a command leaves behind.
package outfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Write writes to what the user named: "-" is out, the command's standard
// output. A regular file, or one that does not exist yet, is written in one
// step, and so is the target of a symbolic link, which stays a link. Everything
// else (a device, a FIFO, a shell's process substitution) is written through,
// since it cannot be replaced.
func Write(path string, out io.Writer, write func(io.Writer) error) error {
	if path == "-" || path == "/dev/stdout" {
		return write(out)
	}
	path, err := follow(path)
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Atomic(path, write)
	case err != nil:
		return err
	case info.IsDir():
		return fmt.Errorf("write %s: is a directory", path)
	case info.Mode().IsRegular() && !open(path):
		return Atomic(path, write)
	}
	return through(path, write)
}

// mostLinks is how many links of links are followed, as by Linux.
const mostLinks = 40

// follow is the path that a symbolic link leads to, be it there or not. A file
// that a process has open is left by its name in /proc.
func follow(path string) (string, error) {
	for range mostLinks {
		target, err := os.Readlink(path)
		if err != nil || open(path) {
			return path, nil //nolint:nilerr // what cannot be read as a link is none
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(path), target)
		}
		path = target
	}
	return "", fmt.Errorf("write %s: too many symbolic links", path)
}

// open reports whether path names an open file, such as /dev/fd/3, rather than
// a file of a folder.
func open(path string) bool {
	dir, err := filepath.EvalSymlinks(filepath.Dir(path))
	return err == nil && (dir == "/dev/fd" || strings.HasPrefix(dir, "/proc/"))
}

// through appends, so that a file that others write to as well keeps what it
// has.
func through(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

// Atomic writes a file beside path and renames it to path when it is safely on
// the disk, so that no reader sees half of it.
func Atomic(path string, write func(io.Writer) error) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	err = errors.Join(write(tmp), tmp.Chmod(0o644), tmp.Sync(), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err == nil {
		return nil
	}
	if removeErr := os.Remove(tmp.Name()); removeErr != nil {
		err = errors.Join(err, fmt.Errorf("remove temporary file: %w", removeErr))
	}
	return err
}
