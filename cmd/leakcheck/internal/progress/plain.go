package progress

import (
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/leakcheck/leakcheck/harness"
	"github.com/leakcheck/leakcheck/verdict"
)

// plainEstimates is how many of many endpoints the line of a round shows.
const plainEstimates = 3

// plainView prints one line for each step: for logs, and terminals that cannot
// redraw.
type plainView struct {
	w io.Writer

	mu     sync.Mutex
	last   harness.Progress
	judged *verdict.Verdict // after the round that is ending, nil when it was not
	closed bool
}

// Progress prints when a step ends or begins, and drops what is in between.
func (p *plainView) Progress(now harness.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	if now.Stage != p.last.Stage || now.Round != p.last.Round {
		p.ended(now)
		p.began(now)
	}
	if now.Message != "" {
		p.line(now.Message, "")
	}
	p.last = carry(p.last, now)
}

// carry keeps the figures that a step is not told again.
func carry(last, now harness.Progress) harness.Progress {
	if now.Heap == 0 {
		now.Heap = last.Heap
	}
	return now
}

// ended says what is done, and not what was cut short.
func (p *plainView) ended(now harness.Progress) {
	measuring := now.Stage == harness.Measuring
	switch p.last.Stage {
	case harness.WarmingUp:
		if measuring {
			p.line("warm-up done", facts(harness.Progress{Heap: p.last.Heap}))
		}
	case harness.Measuring:
		if p.last.Round > 0 && (measuring || p.judged != nil) {
			p.roundEnded()
		}
	}
}

// roundEnded prints one line with the heap and the running estimates.
func (p *plainView) roundEnded() {
	text := facts(harness.Progress{Heap: p.last.Heap, Left: p.last.Left})
	if p.judged != nil {
		text = strings.Join(append([]string{text}, compact(estimates(p.judged, plainEstimates))...), "; ")
		p.judged = nil
	}
	p.line(roundText(p.last)+" done", text)
}

func (p *plainView) began(now harness.Progress) {
	if now.Stage != p.last.Stage && now.Stage != harness.Measuring {
		p.line(titles[now.Stage], "")
	}
}

// Judged takes the running estimates for the line that ends the round.
func (p *plainView) Judged(v *verdict.Verdict) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.judged = v
}

// Found ends the last round and prints the verdict.
func (p *plainView) Found(v *verdict.Verdict) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	p.ended(harness.Progress{Stage: harness.Diagnosing})
	p.last.Stage = harness.Diagnosing
	for _, line := range findings(v) {
		p.line(line, "")
	}
	p.line(titles[harness.Diagnosing], "")
}

// compact takes the alignment out of lines.
func compact(lines []string) []string {
	for i, line := range lines {
		lines[i] = strings.Join(strings.Fields(line), " ")
	}
	return lines
}

func (p *plainView) line(step, facts string) {
	if facts != "" {
		step += ": " + facts
	}
	fmt.Fprintln(p.w, step)
}

// Close ends the printing.
func (p *plainView) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
}
