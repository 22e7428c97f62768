package loadgen

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// readEvents reads server-sent events until n have come, and keeps the data of
// the last.
func (r *reply) readEvents(resp *http.Response, n int) error {
	if kind := resp.Header.Get("Content-Type"); !strings.HasPrefix(kind, "text/event-stream") {
		return fmt.Errorf("the answer is no stream of events: its Content-Type is %q", kind)
	}
	lines := bufio.NewReaderSize(resp.Body, 64<<10)
	var data []byte
	some := false
	for got := 0; ; {
		line, err := lines.ReadSlice('\n')
		if errors.Is(err, io.EOF) {
			return fmt.Errorf("the stream ended after %d of %d events", got, n)
		}
		if err != nil {
			return err
		}
		line = bytes.TrimRight(line, "\r\n")
		value, isData := bytes.CutPrefix(line, []byte("data:"))
		switch {
		case isData && len(data) < maxReadBody:
			if some {
				data = append(data, '\n')
			}
			data, some = append(data, bytes.TrimPrefix(value, []byte(" "))...), true
		case len(line) == 0 && some:
			if got++; got == n {
				r.body = data
				return nil
			}
			data, some = data[:0], false
		}
	}
}
