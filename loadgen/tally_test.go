package loadgen

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"syscall"
	"testing"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

func TestErrorsAreBounded(t *testing.T) {
	var count tally
	for i := range 100 {
		count.fail(fmt.Sprint("kind ", i))
	}
	if got := count.load.Errors; len(got) != maxReasons || got[otherReason] != 91 {
		t.Errorf("%d kinds, %d others; want %d, 91 (100 - 9)", len(got), got[otherReason], maxReasons)
	}
}

func TestReason(t *testing.T) {
	op := func(err error) error { return &net.OpError{Op: "read", Net: "tcp", Err: err} }
	for want, err := range map[string]error{
		"no answer within 1s":                              op(os.ErrDeadlineExceeded),
		"connection refused":                               op(os.NewSyscallError("connect", syscall.ECONNREFUSED)),
		"connection reset by the target":                   op(os.NewSyscallError("read", syscall.ECONNRESET)),
		"answer cut off: the target closed the connection": io.ErrUnexpectedEOF,
		"connection closed without an answer":              io.EOF,
		"odd":                                              op(errors.New("odd")),
		"lost ADDRESS and ADDRESS":                         errors.New("lost 127.0.0.1:41234 and [::1]:80"),
	} {
		if got := reason(err, time.Second); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// A target that answers nothing is given up by the clock, long before the
// fiftieth request.
func TestCannotLandByTheClock(t *testing.T) {
	began := time.Now()
	count := tally{began: began, last: began.Add(19 * time.Second)}
	count.load.Requests, count.load.Failed = 10, 10
	if count.cannotLand(10*time.Second, 10) {
		t.Error("given up before two timeouts")
	}
	if count.last = began.Add(20 * time.Second); !count.cannotLand(10*time.Second, 10) {
		t.Error("not given up after two timeouts")
	}
}

// A target that stops to answer is given up once every worker has waited.
func TestCannotLandWhenAnswersEnd(t *testing.T) {
	const timeout, workers = 10 * time.Second, 3
	began := time.Now()
	count := tally{began: began}
	expect := func(status int) bool { return status == 200 }
	for range 100 {
		count.add(&vegeta.Result{Code: 200, Timestamp: began, Latency: time.Second}, expect)
	}
	for i := range workers {
		if count.cannotLand(timeout, workers) {
			t.Fatalf("given up after %d of %d workers", i, workers)
		}
		count.add(&vegeta.Result{Code: noAnswer, Timestamp: began.Add(time.Second), Latency: timeout, Error: "no answer"}, expect)
	}
	if !count.cannotLand(timeout, workers) {
		t.Error("not given up after every worker waited")
	}
	count.add(&vegeta.Result{Code: 200, Timestamp: began.Add(2 * time.Second), Latency: timeout}, expect)
	if count.cannotLand(timeout, workers) {
		t.Error("given up after an answer")
	}
}

func TestProcessorsAreGivenBack(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	first, second := processors.share(), processors.share()
	if got, want := runtime.GOMAXPROCS(0), max(1, before/2); got != want {
		t.Errorf("shared by two blocks: %d processors, want %d", got, want)
	}
	first()
	second()
	if got := runtime.GOMAXPROCS(0); got != before {
		t.Errorf("given back: %d processors, want %d", got, before)
	}
}
