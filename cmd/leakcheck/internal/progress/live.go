package progress

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/leakcheck/leakcheck/harness"
	"github.com/leakcheck/leakcheck/sampler/recording/printable"
	"github.com/leakcheck/leakcheck/verdict"
)

// redraws is how often the live view is drawn again, at most.
const redraws = 100 * time.Millisecond

// liveEstimates is how many of many endpoints the live view shows.
const liveEstimates = 10

// Escape codes of the live view.
const (
	hideCursor = "\x1b[?25l"
	showCursor = "\x1b[?25h"
	clearLine  = "\x1b[K" // what is right of the cursor
)

// liveView redraws some lines in place.
type liveView struct {
	w    io.Writer
	size func() (columns, rows int)
	now  func() time.Time

	quit   chan struct{}
	joined chan struct{}
	once   sync.Once

	mu    sync.Mutex
	state liveState
	drawn int  // lines on the screen
	dirty bool // state changed since they were drawn
}

// liveState is what the view shows.
type liveState struct {
	progress harness.Progress
	told     time.Time // when progress was
	verdict  *verdict.Verdict
}

func newLiveView(w io.Writer, size func() (columns, rows int)) *liveView {
	v := &liveView{
		w: w, size: size, now: time.Now,
		quit: make(chan struct{}), joined: make(chan struct{}),
	}
	fmt.Fprint(w, hideCursor)
	go v.loop()
	return v
}

// loop draws, at most every redraws, until Close.
func (v *liveView) loop() {
	defer close(v.joined)
	tick := time.NewTicker(redraws)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			v.draw()
		case <-v.quit:
			return
		}
	}
}

// Progress takes what is to be shown at the next redraw.
func (v *liveView) Progress(p harness.Progress) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.state.progress = carry(v.state.progress, p)
	v.state.told = v.now()
	v.dirty = true
}

// Judged takes the running estimates.
func (v *liveView) Judged(judged *verdict.Verdict) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.state.verdict = judged
	v.dirty = true
}

// Found leaves the verdict above what is redrawn.
func (v *liveView) Found(judged *verdict.Verdict) {
	v.mu.Lock()
	defer v.mu.Unlock()
	var lines []string
	for _, line := range findings(judged) {
		lines = append(lines, printable.Text(line))
	}
	text := v.over(lines)
	v.drawn, v.dirty = 0, true
	v.state.verdict = nil // it would be there twice
	_, _ = io.WriteString(v.w, text)
}

// Close removes what was drawn and shows the cursor again.
func (v *liveView) Close() {
	v.once.Do(func() {
		close(v.quit)
		<-v.joined
		v.mu.Lock()
		defer v.mu.Unlock()
		fmt.Fprint(v.w, v.over(nil), showCursor)
	})
}

// draw writes the frame over the last one, in one write. Without news it draws
// only while a time left is counting down.
func (v *liveView) draw() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.dirty && v.state.progress.Left == 0 {
		return
	}
	columns, rows := v.size()
	lines := frame(v.state, v.now(), columns, rows)
	text := v.over(lines)
	v.drawn, v.dirty = len(lines), false
	_, _ = io.WriteString(v.w, text) // progress that cannot be shown stops nothing
}

// over writes lines in the place of the last frame. It erases line by line: a
// screen that is erased from its top row on goes into some terminals' scrollback.
func (v *liveView) over(lines []string) string {
	text := v.home()
	for _, line := range lines {
		text += line + clearLine + "\r\n"
	}
	if rest := v.drawn - len(lines); rest > 0 {
		text += strings.Repeat(clearLine+"\r\n", rest) + fmt.Sprintf("\x1b[%dA", rest)
	}
	return text
}

// home moves to where the frame begins.
func (v *liveView) home() string {
	if v.drawn == 0 {
		return "\r"
	}
	return fmt.Sprintf("\r\x1b[%dA", v.drawn)
}

// frame is the view's lines, none wider than columns less one (a full line
// would wrap) and no more than rows less one.
func frame(s liveState, now time.Time, columns, rows int) []string {
	if columns <= 0 {
		columns = 80
	}
	if rows <= 1 {
		rows = 24
	}
	p := s.progress
	if p.Left > 0 {
		p.Left = max(0, p.Left-now.Sub(s.told))
	}
	lines := []string{headline(p), bar(p.Done, columns-1)}
	if f := facts(p); f != "" {
		lines = append(lines, f)
	}
	if s.verdict != nil {
		lines = append(lines, "so far, not the verdict:")
		lines = append(lines, estimates(s.verdict, liveEstimates)...)
	}
	return fit(lines, columns-1, rows-1)
}

func headline(p harness.Progress) string {
	parts := []string{titles[p.Stage]}
	if p.Round > 0 {
		parts = append(parts, roundText(p))
	}
	if p.Endpoint != "" {
		parts = append(parts, p.Endpoint)
	}
	if p.Message != "" {
		parts = append(parts, p.Message)
	}
	return strings.Join(parts, " · ")
}

// bar is "[=====>    ]  45 %", at most width wide.
func bar(done float64, width int) string {
	const most, around = 50, len("[]  100 %")
	cells := min(most, width-around)
	if cells < 1 {
		return fmt.Sprintf("%3.0f %%", 100*done)
	}
	done = min(max(done, 0), 1)
	full := int(done * float64(cells))
	fill := strings.Repeat("=", full)
	if full < cells {
		fill += ">"
	}
	return fmt.Sprintf("[%-*s]  %3.0f %%", cells, fill, 100*done)
}

// fit cuts lines to the screen and says what it left out.
func fit(lines []string, columns, rows int) []string {
	if len(lines) > rows {
		rest := len(lines) - rows + 1
		lines = append(lines[:rows-1:rows-1], fmt.Sprintf("and %d more", rest))
	}
	for i, line := range lines {
		line = printable.Text(line)
		lines[i] = line
		if utf8.RuneCountInString(line) > columns {
			lines[i] = string([]rune(line)[:max(0, columns-1)]) + "…"
		}
	}
	return lines
}
