package target

import (
	"fmt"
	"os"
)

// How much of what a target prints is kept: of more, the first and the last part.
const (
	logHead = 8 << 20
	logTail = 2 << 20
)

// logFile keeps what a target prints. It is bounded, as a server under load may
// print a line for each request. The last part is written when the log is closed.
type logFile struct {
	file *os.File
	head int    // bytes that may still be written as they come
	tail []byte // the last of what came after them, up to twice logTail
	left int64  // bytes that neither has
	err  error  // the first one: a full disk costs the log and not the app
}

// openLog adds to the file at path, which only its owner may read.
func openLog(path string) (*logFile, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("make the target's log: %w", err)
	}
	return &logFile{file: f, head: logHead}, nil
}

// add takes in what was printed.
func (l *logFile) add(chunk []byte) {
	n := min(len(chunk), l.head)
	if n > 0 && l.err == nil {
		_, l.err = l.file.Write(chunk[:n])
	}
	l.head -= n
	l.tail = append(l.tail, chunk[n:]...)
	if over := len(l.tail) - logTail; over > logTail {
		l.tail = append(l.tail[:0], l.tail[over:]...)
		l.left += int64(over)
	}
}

// close writes the last part, with a mark where some is missing.
func (l *logFile) close() error {
	if over := len(l.tail) - logTail; over > 0 {
		l.tail = l.tail[over:]
		l.left += int64(over)
	}
	if l.left > 0 {
		mark := fmt.Sprintf("\n[leakcheck left out %d bytes here]\n", l.left)
		l.tail = append([]byte(mark), l.tail...)
	}
	if l.err == nil && len(l.tail) > 0 {
		_, l.err = l.file.Write(l.tail)
	}
	if err := l.file.Close(); err != nil {
		return fmt.Errorf("close the target's log: %w", err)
	}
	return nil
}
