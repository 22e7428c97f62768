package target

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	tailSize  = 32 << 10 // holds V8's last words and the stack that it prints after them
	tailLines = 20
	lineSize  = 64 << 10 // a longer line is searched in pieces
	// drainWait bounds the wait for the rest of the output when the command has
	// ended: a process that it left behind may hold the pipe.
	drainWait = 200 * time.Millisecond
)

var (
	debuggerLine = regexp.MustCompile(`Debugger listening on (ws://\S+)`)
	// ownLine is one that Node prints about its debugger, which is ours.
	ownLine = regexp.MustCompile(`^(Debugger (listening on|ending on|attached)|For help, see: https://nodejs\.org|Waiting for the debugger to disconnect)`)
	// nativeFrame is a line of the stack that V8 prints after its last words, which
	// it would push out of the tail.
	nativeFrame = regexp.MustCompile(`^\s*\d+: 0x[0-9a-f]+ |^-+ Native stack trace -+$`)
	outOfMemory = regexp.MustCompile(`JavaScript heap out of memory|Reached heap limit|Allocation failed`)
)

// Output reads what the target prints: into a log, and the end of it into
// memory. Until the target is ready, lines are searched as well. The
// target writes to a pipe and not to the file itself, so that a full disk
// costs the log and not the app.
type Output struct {
	pipe *os.File
	log  *logFile // nil without one
	eof  chan struct{}

	mu        sync.Mutex
	tail      []byte
	searching bool
	line      []byte // the unfinished one, while searching
	ready     *regexp.Regexp
	matched   bool
	debuggers []string
}

// NewOutput starts to read, and adds to the log; the returned file is the
// target's end.
func NewOutput(logPath string, ready *regexp.Regexp) (*Output, *os.File, error) {
	o := &Output{eof: make(chan struct{}), searching: true, ready: ready}
	var err error
	if logPath != "" {
		if o.log, err = openLog(logPath); err != nil {
			return nil, nil, err
		}
	}
	read, write, err := os.Pipe()
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("make the target's output pipe: %w", err), o.closeLog())
	}
	o.pipe = read
	go o.read()
	return o, write, nil
}

func (o *Output) read() {
	defer close(o.eof)
	buf := make([]byte, 64<<10)
	for {
		n, err := o.pipe.Read(buf)
		if o.log != nil {
			o.log.add(buf[:n])
		}
		o.take(buf[:n])
		if err != nil {
			return
		}
	}
}

func (o *Output) take(chunk []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.tail = append(o.tail, chunk...)
	if len(o.tail) > 2*tailSize {
		o.tail = append(o.tail[:0], o.tail[len(o.tail)-tailSize:]...)
	}
	if o.searching {
		o.split(chunk)
	}
}

func (o *Output) split(chunk []byte) {
	o.line = append(o.line, chunk...)
	for {
		line, rest, found := bytes.Cut(o.line, []byte("\n"))
		if !found {
			break
		}
		o.search(line)
		o.line = rest
	}
	if len(o.line) > lineSize {
		o.search(o.line)
		o.line = nil
	}
}

func (o *Output) search(line []byte) {
	line = bytes.TrimSuffix(line, []byte("\r"))
	if o.ready != nil && o.ready.Match(line) {
		o.matched = true
	}
	if m := debuggerLine.FindSubmatch(line); m != nil {
		o.debuggers = append(o.debuggers, string(m[1]))
	}
}

// Logged reports whether a line has matched the pattern; without a pattern it is
// always true.
func (o *Output) Logged() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.ready == nil || o.matched
}

// inspectors are the URLs that Node processes announced, in order.
func (o *Output) inspectors() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.debuggers)
}

// StopSearching makes the rest of the output cheap to take in.
func (o *Output) StopSearching() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.searching, o.line = false, nil
}

// Drain waits for the output of a command that has ended.
func (o *Output) Drain() {
	select {
	case <-o.eof:
	case <-time.After(drainWait):
	}
}

// Last is the end of what the app printed, at most tailLines lines, and whether
// V8 said in it that the heap was full.
func (o *Output) Last() (text string, oom bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	lines := slices.DeleteFunc(strings.Split(strings.TrimSpace(string(o.tail)), "\n"), func(line string) bool {
		return ownLine.MatchString(line) || nativeFrame.MatchString(line)
	})
	if len(lines) > tailLines {
		lines = lines[len(lines)-tailLines:]
	}
	return strings.Join(lines, "\n"), outOfMemory.Match(o.tail)
}

// Close ends reading and closes the log.
func (o *Output) Close() error {
	// Whoever still holds the pipe was not ours to end.
	_ = o.pipe.SetReadDeadline(time.Now().Add(drainWait))
	<-o.eof
	return errors.Join(o.pipe.Close(), o.closeLog())
}

func (o *Output) closeLog() error {
	if o.log == nil {
		return nil
	}
	return o.log.close()
}
