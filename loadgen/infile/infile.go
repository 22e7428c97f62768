// Package infile reads files that somebody else names: in a scenario, or on a
// command line. What has no end, or would be waited for without one, is refused.
package infile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
)

// ErrTooLarge says that a file has more bytes than were allowed.
var ErrTooLarge = errors.New("larger than allowed")

// Open opens a regular file, or a pipe that something writes to, as a shell's
// process substitution is. A FIFO that nobody writes to is empty. Folders and
// devices are refused.
func Open(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil {
		err = check(path, info.Mode())
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func check(path string, mode os.FileMode) error {
	var what string
	switch {
	case mode.IsRegular(), mode&os.ModeNamedPipe != 0:
		return nil
	case mode.IsDir():
		what = "is a folder"
	case mode&os.ModeDevice != 0:
		what = "is a device"
	default:
		what = "is no regular file"
	}
	return &os.PathError{Op: "read", Path: path, Err: errors.New(what)}
}

// Read reads a file of at most so many bytes to its end. One that is larger, or
// grows while it is read, is ErrTooLarge, and never held in memory.
func Read(path string, most int64) ([]byte, error) {
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(f, most+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	if int64(len(text)) > most {
		const megabyte = 1e6
		return nil, fmt.Errorf("%w: more than %d MB", ErrTooLarge, int64(float64(most)/megabyte))
	}
	return text, nil
}

// ReadRegular is Read of a regular file alone: one that can be read again.
func ReadRegular(path string, most int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if err := check(path, info.Mode()); err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &os.PathError{Op: "read", Path: path, Err: errors.New("is a pipe, which can be read only once")}
	}
	return Read(path, most)
}
