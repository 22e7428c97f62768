package heapsnap

import (
	"bytes"
	"sync"
)

// table receives the records of one of the snapshot's arrays of numbers.
type table interface {
	// width is how many numbers make a record.
	width() fields
	// reserve makes room for n records. It is not called during a store.
	reserve(n int) error
	// room is how many records there is room for.
	room() int
	// store keeps whole records, from number first on. It is called by several
	// goroutines at once, for different records.
	store(numbers []uint64, first int) error
}

// piece is some text of an array, in which whole records stand.
type piece struct {
	table  table
	text   []byte
	block  []byte // to recycle, nil where the scanner still reads it
	offset int64
	first  int // record
	count  int // numbers
}

// pool parses pieces on some goroutines.
type pool struct {
	jobs chan piece
	busy sync.WaitGroup // pieces that are not parsed yet
	all  sync.WaitGroup // the goroutines

	mu  sync.Mutex
	err error // the first one
}

func newPool(size int, recycle func([]byte)) *pool {
	c := &pool{jobs: make(chan piece, size)}
	for range size {
		c.all.Go(func() { c.work(recycle) })
	}
	return c
}

// close ends the goroutines, after the pieces that were handed out.
func (c *pool) close() {
	close(c.jobs)
	c.all.Wait()
}

func (c *pool) work(recycle func([]byte)) {
	var scratch []uint64
	for p := range c.jobs {
		if cap(scratch) < p.count {
			scratch = make([]uint64, p.count+p.count/4)
		}
		if err := p.parse(scratch[:p.count]); err != nil {
			c.fail(err)
		}
		if p.block != nil {
			recycle(p.block)
		}
		c.busy.Done()
	}
}

func (p *piece) parse(scratch []uint64) error {
	if bad := decode(p.text, scratch); bad >= 0 {
		return badFormat(p.offset+int64(bad), "a whole number belongs here")
	}
	return p.table.store(scratch, p.first)
}

func (c *pool) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		c.err = err
	}
}

func (c *pool) failed() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// decode reads exactly as many numbers as out holds, separated by commas. It
// returns the position of what is none, or -1.
func decode(text []byte, out []uint64) int {
	const digits = 19 // of a number that surely fits
	n := 0
	for i := skipSpace(text, 0); i < len(text); i = skipSpace(text, i) {
		start := i
		v := uint64(0)
		for ; i < len(text) && text[i]-'0' <= 9; i++ {
			v = v*10 + uint64(text[i]-'0')
		}
		if i == start || i-start > digits || n == len(out) {
			return start
		}
		out[n] = v
		n++
		if i < len(text) && text[i] != ',' {
			if i = skipSpace(text, i); i < len(text) && text[i] != ',' {
				return i
			}
		}
		i++
	}
	if n < len(out) {
		return len(text)
	}
	return -1
}

func skipSpace(text []byte, i int) int {
	for i < len(text) && text[i] <= ' ' {
		i++
	}
	return i
}

// numbers hands the array that comes next to the pool, and returns how many
// records it has.
func (s *source) numbers(t table, c *pool) (records int, err error) {
	if err := s.expect('['); err != nil {
		return 0, err
	}
	for {
		rest := s.buf[s.pos:]
		end := bytes.IndexByte(rest, ']')
		last := end >= 0
		if last {
			rest = rest[:end]
		}
		p, err := s.cut(rest, t, last)
		if err != nil {
			return 0, err
		}
		p.first = records
		records += p.count / int(t.width())
		if err := c.hand(p, records); err != nil {
			return 0, err
		}
		if last {
			// The block goes on with what comes next, so nobody may still
			// read it when that recycles it.
			c.busy.Wait()
			s.pos++
			return records, c.failed()
		}
		if err := s.advance(); err != nil {
			return 0, s.fault(err)
		}
		if p.count > 0 {
			continue
		}
		if len(s.buf) > 2*blockSize {
			return 0, badFormat(s.offset(), "no record ends within %d bytes", blockSize)
		}
	}
}

// cut consumes the whole records of text.
func (s *source) cut(text []byte, t table, last bool) (piece, error) {
	width := int(t.width())
	p := piece{table: t, offset: s.offset(), count: bytes.Count(text, []byte{','})}
	if last {
		if len(bytes.TrimSpace(text)) > 0 {
			p.count++
		}
		if p.count%width != 0 {
			return p, badFormat(s.offset()+int64(len(text)), "a record of %d numbers is incomplete", width)
		}
		p.text = text
		s.pos += len(text)
		return p, nil
	}
	end := bytes.LastIndexByte(text, ',')
	for ; p.count%width != 0; p.count-- {
		end = bytes.LastIndexByte(text[:end], ',')
	}
	if p.count > 0 {
		p.text, p.block = text[:end+1], s.buf
		s.pos += end + 1
	}
	return p, nil
}

// hand gives a piece to the pool, with room for all records up to it.
func (c *pool) hand(p piece, records int) error {
	if err := c.failed(); err != nil {
		return err
	}
	if p.count == 0 {
		return nil
	}
	if records > p.table.room() {
		c.busy.Wait()
		if err := p.table.reserve(records); err != nil {
			return err
		}
	}
	c.busy.Add(1)
	c.jobs <- p
	return nil
}
