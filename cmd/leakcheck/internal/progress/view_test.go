package progress

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/leakcheck/leakcheck/cmd/leakcheck/internal/command"
	"github.com/leakcheck/leakcheck/harness"
	"github.com/leakcheck/leakcheck/verdict"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// steps are what a short run tells its view.
var steps = []harness.Progress{
	{Stage: harness.Launching},
	{Stage: harness.WarmingUp, Rounds: 2, Endpoint: "upload"},
	{Stage: harness.WarmingUp, Rounds: 2, Endpoint: "upload", Heap: 12_340_000},
	{Stage: harness.Measuring, Round: 1, Rounds: 2, Endpoint: "upload", Rate: 4210, Heap: 12_400_000},
	{Stage: harness.Measuring, Round: 1, Rounds: 2, Heap: 12_410_000, Done: 0.5, Left: 31 * time.Second},
	{Stage: harness.Measuring, Round: 2, Rounds: 2, Heap: 12_500_000, Done: 1, Message: "2 of 4,000 requests failed"},
	{Stage: harness.Measuring, Round: 3, Rounds: 2, Heap: 12_600_000, Done: 1},
	{Stage: harness.Stopping, Done: 1},
}

func judged() *verdict.Verdict {
	return &verdict.Verdict{Endpoints: []verdict.Endpoint{
		{Name: "upload", Retained: verdict.Estimate{Value: 16.2, Low: 12.1, High: 19.8}},
		{Name: "list", Retained: verdict.Estimate{Value: 0.1, Low: -0.42, High: 0.63}},
	}}
}

func TestPlainView(t *testing.T) {
	var b bytes.Buffer
	v := New(&command.Streams{Err: &b}, false)
	for _, p := range steps[:6] {
		v.Progress(p)
	}
	v.Judged(judged())
	for _, p := range steps[6:] {
		v.Progress(p)
	}
	v.Close()
	v.Close()
	v.Progress(steps[0])
	want := `starting the target
warming up
warm-up done: heap 12.3 MB
round 1 of 2 done: heap 12.4 MB, 31 s left
2 of 4,000 requests failed
round 2 of 2 done: heap 12.5 MB; upload 16.2 [12.1, 19.8] B/request; list ~ [-0.4, 0.6] B/request
stopping
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("lines differ (-want +got):\n%s", diff)
	}
}

// leaking is a verdict of each kind of endpoint that a diagnosis can follow.
func leaking() *verdict.Verdict {
	return &verdict.Verdict{
		Endpoints: []verdict.Endpoint{
			{Name: "upload", Outcome: verdict.Leak, Reason: "each request retains 16 B", Budget: 0.5, PerHour: verdict.HourlyEstimate{Value: 1.17, Low: 0.87, High: 1.43}},
			{Name: "list", Outcome: verdict.Pass, Budget: 5},
			{Name: "sockets", Outcome: verdict.Leak, Reason: "leaves +1.00 socket open", Budget: 5},
			{Name: "legacy", Outcome: verdict.Leak, Reason: "each request retains 9 B", Waived: &verdict.Waiver{}, Budget: 0.1, PerHour: verdict.HourlyEstimate{Value: 0.3, Low: 0.2, High: 0.4}},
		},
		Interaction: &verdict.Endpoint{Name: verdict.InteractionName, Outcome: verdict.Leak, Reason: "each request retains 8 B", Budget: 10.6, PerHour: verdict.HourlyEstimate{Value: 12, Low: 11, High: 13}},
		Background:  verdict.Background{Outcome: verdict.Leak, Reason: "it grows without requests"},
	}
}

const leakingLines = `leak: upload, each request retains 16 B (1.17 MB/h, budget 0.5 MB/h)
pass: list
leak: sockets, leaves +1.00 socket open
leak (waived): legacy, each request retains 9 B (0.3 MB/h, budget 0.1 MB/h)
leak: interaction, each request retains 8 B (12 MB/h, budget 10.6 MB/h)
leak: background, it grows without requests
`

// The verdict stands there before the diagnosis takes its time.
func TestPlainViewFound(t *testing.T) {
	var b bytes.Buffer
	v := New(&command.Streams{Err: &b}, false)
	v.Progress(steps[3])
	v.Judged(judged())
	v.Found(leaking())
	v.Progress(harness.Progress{Stage: harness.Diagnosing})
	v.Progress(steps[7])
	v.Close()
	want := "round 1 of 2 done: heap 12.4 MB; upload 16.2 [12.1, 19.8] B/request; list ~ [-0.4, 0.6] B/request\n" +
		leakingLines + "diagnosing the leak\nstopping\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("lines differ (-want +got):\n%s", diff)
	}
}

// removed is how a frame of three lines is: a terminal that is erased from its top row
// on puts the screen into its scrollback, so that each line is.
const removed = "\r\x1b[3A" + clearLine + "\r\n" + clearLine + "\r\n" + clearLine + "\r\n" + "\x1b[3A"

// On a terminal it stays above what is redrawn.
func TestLiveViewFound(t *testing.T) {
	var out lockedBuffer
	v := newLiveView(&out, func() (int, int) { return 80, 24 })
	v.Progress(steps[3])
	v.draw()
	v.Found(leaking())
	v.Progress(harness.Progress{Stage: harness.Diagnosing})
	v.draw()
	v.Close()
	_, after, _ := strings.Cut(out.b.String(), "\r\x1b[3A")
	lines := strings.ReplaceAll(leakingLines, "\n", clearLine+"\r\n")
	rest := max(0, 3-strings.Count(lines, "\n"))
	if rest > 0 {
		lines += strings.Repeat(clearLine+"\r\n", rest) + fmt.Sprintf("\x1b[%dA", rest)
	}
	if !strings.HasPrefix(after, lines+"\rdiagnosing the leak") {
		t.Errorf("the verdict does not replace the frame: %q", after)
	}
	if !strings.HasSuffix(after, removed+showCursor) {
		t.Errorf("the verdict is removed: %q", after)
	}
}

func TestQuietView(t *testing.T) {
	var b bytes.Buffer
	v := New(&command.Streams{Err: &b, ErrTTY: true}, true)
	v.Progress(steps[0])
	v.Judged(judged())
	v.Close()
	if b.Len() > 0 {
		t.Errorf("got %q, want nothing", b.String())
	}
}

func TestFrame(t *testing.T) {
	told := time.Date(2026, 11, 21, 15, 0, 0, 0, time.UTC)
	s := liveState{progress: steps[4], told: told, verdict: judged()}
	s.progress.Rate = 4210
	tests := []struct {
		name          string
		columns, rows int
		want          []string
	}{
		{"roomy", 80, 24, []string{
			"measuring · round 1 of 2",
			"[=========================>                        ]   50 %",
			"heap 12.4 MB, 4210 requests/s, 26 s left", // 31 s, 5 s ago
			"so far, not the verdict:",
			"upload  16.2 [12.1, 19.8] B/request",
			"list    ~ [-0.4, 0.6] B/request",
		}},
		{"narrow", 25, 24, []string{ // 24 columns: a full line would wrap
			"measuring · round 1 of 2",
			"[=======>       ]   50 %",
			"heap 12.4 MB, 4210 requ…",
			"so far, not the verdict:",
			"upload  16.2 [12.1, 19.…",
			"list    ~ [-0.4, 0.6] B…",
		}},
		{"low", 80, 4, []string{
			"measuring · round 1 of 2",
			"[=========================>                        ]   50 %",
			"and 4 more",
		}},
		{"unknown size", 0, 0, nil},
	}
	tests[3].want = tests[0].want
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := frame(s, told.Add(5*time.Second), tt.columns, tt.rows)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("frame differs (-want +got):\n%s", diff)
			}
		})
	}
}

// lockedBuffer is a terminal that a test reads while the view writes.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// The live view hides the cursor, draws over its last frame, and leaves an
// empty line with a cursor.
func TestLiveView(t *testing.T) {
	var out lockedBuffer
	v := newLiveView(&out, func() (int, int) { return 80, 24 })
	v.Progress(steps[3])
	v.draw()
	v.Progress(steps[4])
	v.draw()
	v.Close()
	v.Close()
	got := out.b.String()
	if !strings.HasPrefix(got, hideCursor) {
		t.Error("the cursor is not hidden first")
	}
	if !strings.HasSuffix(got, removed+showCursor) {
		t.Errorf("the last frame of 3 lines is not removed: %q", got)
	}
	if n := strings.Count(got, "measuring"); n != 2 {
		t.Errorf("drawn %d times, want 2", n)
	}
}
