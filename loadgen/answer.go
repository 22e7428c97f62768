package loadgen

import (
	"bytes"
	"strconv"
)

// plainAnswer reads the head of the answer that nearly every request gets: the
// whole head is in b, and a Content-Length and nothing else says where the body
// ends and what becomes of the connection. For all others ok is false, and
// http.ReadResponse has the word. It costs a tenth of it, which is a third of
// what the processor spends on a request in this program.
func plainAnswer(b []byte) (status, head, body int, ok bool) {
	line, rest, found := cutLine(b)
	if !found || len(line) < len("HTTP/1.1 200") || string(line[:len("HTTP/1.1 ")]) != "HTTP/1.1 " {
		return 0, 0, 0, false
	}
	if status, ok = digits(line[9:12]); !ok || status < 200 || status == 204 || status == 304 {
		return 0, 0, 0, false
	}
	if len(line) > 12 && line[12] != ' ' {
		return 0, 0, 0, false
	}
	body = -1
	for {
		if line, rest, found = cutLine(rest); !found {
			return 0, 0, 0, false
		}
		if len(line) == 0 {
			return status, len(b) - len(rest), body, body >= 0
		}
		if body, ok = plainHeader(line, body); !ok {
			return 0, 0, 0, false
		}
	}
}

// plainHeader takes in a header line; body is the length known so far, or -1.
func plainHeader(line []byte, body int) (int, bool) {
	colon := bytes.IndexByte(line, ':')
	if colon <= 0 || !isName(line[:colon]) {
		return 0, false
	}
	name, value := line[:colon], bytes.Trim(line[colon+1:], " \t")
	switch {
	case bytes.EqualFold(name, []byte("Content-Length")):
		n, ok := digits(value)
		return n, ok && body < 0
	case bytes.EqualFold(name, []byte("Connection")):
		return body, bytes.EqualFold(value, []byte("keep-alive"))
	case bytes.EqualFold(name, []byte("Transfer-Encoding")), bytes.EqualFold(name, []byte("Trailer")):
		return 0, false
	}
	return body, isText(value)
}

// cutLine cuts b after its first CRLF.
func cutLine(b []byte) (line, rest []byte, ok bool) {
	end := bytes.IndexByte(b, '\n')
	if end < 1 || b[end-1] != '\r' {
		return nil, nil, false
	}
	return b[:end-1], b[end+1:], true
}

func digits(b []byte) (int, bool) {
	if len(b) == 0 || len(b) > 9 || b[0] < '0' || b[0] > '9' {
		return 0, false
	}
	n, err := strconv.Atoi(string(b))
	return n, err == nil
}

func isName(b []byte) bool {
	for _, c := range b {
		if c != '-' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

func isText(b []byte) bool {
	for _, c := range b {
		if c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}
