package loadgen

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording"
	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// visits are the units of a block whose requests depend on answers before
// them: each is a flow, or one request with captured values.
type visits struct {
	loader *Loader
	turns  [][]step // done in turn
	turn   *atomic.Uint64
	data   *feed
	flow   bool // with a jar of cookies for each visit

	mu       sync.Mutex
	sent     int
	statuses [1000]int
	expired  int
	setups   int
	in, out  int64 // bytes of setups
}

func newVisits(l *Loader, e *Endpoint) *visits {
	return &visits{loader: l, turns: e.visits, turn: &e.turn, flow: e.flow, data: e.data}
}

// one makes a visit: its steps in order, up to the first that fails.
func (v *visits) one(t *transport) *http.Response {
	steps := v.turns[(v.turn.Add(1)-1)%uint64(len(v.turns))]
	u := v.enter(t)
	defer u.leave()
	var resp *http.Response
	for i := range steps {
		var err error
		if resp, err = u.step(&steps[i]); err == nil {
			continue
		}
		switch {
		case t.ctx.Err() != nil:
			return t.failed(err)
		case v.flow:
			return answer(broken, (&StepError{i, steps[i].name, err}).Error())
		case errors.As(err, new(*SetupError)):
			return answer(broken, err.Error())
		}
		return resp
	}
	return resp
}

// summarise adds what the visits sent to the load that counts them.
func (v *visits) summarise(l *recording.Load) {
	l.Sent, l.Expired, l.Setups = v.sent, v.expired, v.setups
	l.Statuses = statusMap(&v.statuses)
	l.BytesIn += unit.Bytes(v.in)
	l.BytesOut += unit.Bytes(v.out)
}

func (v *visits) count(status int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.sent++
	if status == aborted {
		status = noAnswer
	}
	v.statuses[min(status, len(v.statuses)-1)]++
}

// user is a virtual user during one visit.
type user struct {
	visits *visits
	t      *transport
	vars   *vars
	conn   *conn          // kept from step to step
	socket *webSocket     // nil: none is open
	jar    *cookiejar.Jar // nil: cookies are not kept
	setup  *captured      // whose values are in use
	own    map[string]string
}

func (v *visits) enter(t *transport) *user {
	u := &user{visits: v, t: t, vars: varsPool.Get().(*vars), setup: v.loader.setup.current.Load()}
	u.vars.Seq = v.loader.seq.Add(1)
	u.vars.pcg.Seed(v.loader.opts.Seed, u.vars.Seq)
	u.vars.Data = v.data.row(u.vars.Rand)
	if v.flow {
		u.jar, _ = cookiejar.New(nil) // never fails
	}
	u.merge()
	return u
}

func (u *user) leave() {
	u.leaveSocket()
	if u.conn != nil {
		u.t.put(u.conn)
	}
	u.vars.Captures, u.vars.Data = nil, nil
	varsPool.Put(u.vars)
}

// merge lays the user's own captures over those of the setup.
func (u *user) merge() {
	u.vars.Captures = u.setup.with(u.own)
}

// step sends s, and once more when the values of the setup had expired. The
// error is why the visit ends there.
func (u *user) step(s *step) (*http.Response, error) {
	if s.socket != "" {
		resp, kept, err := u.socketStep(s)
		if err != nil {
			return resp, err
		}
		return resp, u.finish(s, kept)
	}
	resp, kept := u.send(s)
	if u.refused(s, resp) {
		renewed, err := u.renew()
		if err != nil {
			return resp, err
		}
		if renewed {
			resp, kept = u.send(s)
		}
	}
	switch status := resp.StatusCode; {
	case status == aborted:
		return resp, nil
	case status == noAnswer:
		return resp, errors.New(resp.Status)
	case !s.expect(status):
		return resp, errors.New(UnexpectedStatus(status))
	}
	u.setup.works()
	if why := s.check.failure(kept); why != "" {
		return resp, errors.New(why)
	}
	return resp, u.finish(s, kept)
}

// finish takes the captures of an answer, and the user's time to think.
func (u *user) finish(s *step, kept *reply) error {
	for i := range s.captures {
		value, err := s.captures[i].from(kept)
		if err != nil {
			return err
		}
		if u.own == nil {
			u.own = map[string]string{}
		}
		u.own[s.captures[i].Name] = value
	}
	if len(s.captures) > 0 {
		u.merge()
	}
	return u.think(s.think)
}

func (u *user) think(d time.Duration) error {
	if d == 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-u.t.ctx.Done():
		return u.t.ctx.Err()
	}
}

// send sends s once and counts it. What is kept of the answer is nil when the
// step needs no more than its status.
func (u *user) send(s *step) (*http.Response, *reply) {
	start := time.Now()
	if err := u.connect(start); err != nil {
		return u.t.failed(err), nil
	}
	wire := u.wire(s.message)
	limit, start := u.t.patience(start)
	var kept *reply
	if u.jar != nil || s.reads() {
		kept = &reply{events: s.events}
	}
	status, err := u.exchange(s.message.method, wire, start.Add(limit), kept)
	u.visits.count(status)
	if u.jar != nil && kept.header != nil {
		u.jar.SetCookies(u.place(wire), (&http.Response{Header: kept.header}).Cookies())
	}
	return u.t.outcome(status, err, limit), kept
}

// exchange sends one request as the client of the endpoint does.
func (u *user) exchange(method string, wire []byte, deadline time.Time, kept *reply) (status int, err error) {
	keep := false
	switch {
	case u.t.sessions != nil:
		return u.t.sessions.exchange(wire, deadline, kept)
	case u.t.client.Abort != "":
		if err = u.conn.abandon(wire, u.t.client.Abort, deadline); err == nil {
			status = aborted
		}
	default:
		status, keep, err = u.conn.exchange(request(method, wire), deadline, kept)
	}
	if keep {
		u.conn.since = time.Now()
	} else {
		u.t.drop(u.conn)
		u.conn = nil
	}
	return status, err
}

// connect makes sure of a connection: the user's, while it stands. Users of
// HTTP/2 share one.
func (u *user) connect(now time.Time) error {
	if u.t.sessions != nil {
		return nil
	}
	if u.conn != nil && u.conn.stands(now) {
		return nil
	}
	if u.conn != nil {
		u.t.drop(u.conn)
		u.conn = nil
	}
	c, err := u.t.take(now)
	u.conn = c
	return err
}

// wire renders m with the cookies that the user holds for its path.
func (u *user) wire(m *message) []byte {
	wire := m.static
	if wire == nil {
		wire = m.render(&u.vars.Vars)
	}
	if u.jar == nil {
		return wire
	}
	var cookies []byte
	for i, c := range u.jar.Cookies(u.place(wire)) {
		if i > 0 {
			cookies = append(cookies, "; "...)
		}
		cookies = append(append(append(cookies, c.Name...), '='), c.Value...)
	}
	return withCookies(wire, cookies)
}

// place is the address that a request goes to, for the jar.
func (u *user) place(wire []byte) *url.URL {
	_, path, _ := bytes.Cut(wire, []byte(" "))
	path = path[:bytes.IndexByte(path, ' ')]
	path, _, _ = bytes.Cut(path, []byte("?"))
	at := &url.URL{Scheme: "http", Host: u.visits.loader.host, Path: string(path)}
	if u.t.tls != nil {
		at.Scheme = "https"
	}
	return at
}

func request(method string, wire []byte) *http.Request {
	return &http.Request{Method: method, Body: io.NopCloser(bytes.NewReader(wire)), ContentLength: int64(len(wire))}
}
