package scenarios

import (
	"crypto/x509"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/leakcheck/leakcheck/sampler/recording/unit"
)

// maxPipeline bounds a burst; browsers that pipelined sent up to eight.
const maxPipeline = 100

var (
	connections = []string{"keep", "new"}
	aborts      = []string{"sent", "first-byte", "upload"}
)

// Client is how an endpoint's requests are sent.
type Client struct {
	HTTP       int                  `json:"http,omitempty" jsonschema:"version of HTTP: 1, or 2 (h2 with TLS, h2c without); absent: 1"`
	Connection string               `json:"connection,omitempty" jsonschema:"keep, or new for each request or flow; absent: keep"`
	Abort      string               `json:"abort,omitempty" jsonschema:"go away when the request is sent, at the first-byte of the answer, or in the middle of the upload"`
	ReadRate   *unit.BytesPerSecond `json:"read_rate,omitempty" jsonschema:"read each connection no faster: 64 KiB/s"`
	WriteRate  *unit.BytesPerSecond `json:"write_rate,omitempty" jsonschema:"write each connection no faster: 64 KiB/s"`
	Pipeline   int                  `json:"pipeline,omitempty" jsonschema:"requests sent at once on each connection, without waiting for the answers"`
}

// Sine swings an open rate around its value.
type Sine struct {
	Amplitude unit.PerSecond `json:"amplitude" jsonschema:"how far above and below the open rate, which is more"`
	Period    time.Duration  `json:"period" jsonschema:"time of one swing; stretched so that each block has whole ones"`
}

// TLS is how the certificate of the target is trusted; with nothing set, by
// this machine's authorities.
type TLS struct {
	// CA is absolute; the file gives it relative to itself.
	CA         string `json:"ca,omitempty" jsonschema:"PEM file with the certificates to trust instead of this machine's, relative to this file"`
	Insecure   bool   `json:"insecure,omitempty" jsonschema:"trust any certificate"`
	ServerName string `json:"server_name,omitempty" jsonschema:"name that the certificate is for; absent: the address that is connected to"`

	Authorities *x509.CertPool `json:"-"` // of CA, once loaded; nil: this machine's
}

// client checks what can be had together.
func (c *checker) client(path string, e *Endpoint) {
	at := path + ".client"
	if !c.good(at) {
		return
	}
	k := &e.Client
	if c.good(at+".http") && k.HTTP != 1 && k.HTTP != 2 {
		c.fail(at+".http", "", "http: %d is not known: want 1 or 2", k.HTTP)
	}
	c.oneOf(at+".connection", k.Connection, connections)
	c.oneOf(at+".abort", k.Abort, aborts)
	for _, key := range []string{"read_rate", "write_rate"} {
		if rate := (map[string]*unit.BytesPerSecond{"read_rate": k.ReadRate, "write_rate": k.WriteRate})[key]; rate != nil {
			c.positive(at+"."+key, float64(*rate))
		}
	}
	if c.good(at+".pipeline") && (k.Pipeline < 2 || k.Pipeline > maxPipeline) {
		c.fail(at+".pipeline", "", "pipeline: %d is not within 2 and %d", k.Pipeline, maxPipeline)
	}
	if c.has(at + ".abort") {
		c.aborting(path, e)
	}
	if c.has(at + ".pipeline") {
		c.pipelining(path, e)
	}
}

func (c *checker) oneOf(path, text string, known []string) {
	if c.good(path) && !slices.Contains(known, text) {
		c.fail(path, suggest(text, known), "%s%s is not known: want %s", label(path), quote(text), strings.Join(known, ", "))
	}
}

func (c *checker) aborting(path string, e *Endpoint) {
	at := path + ".client.abort"
	const gone = "an aborted request has no answer"
	c.exclude(at, "abort", map[string]string{
		path + ".expect":      gone,
		path + ".abort_after": "keep one of them",
		path + ".flow":        "each step needs its answer",
	})
	if e.Client.Abort != "upload" {
		return
	}
	if c.has(path + ".targets") {
		c.fail(at, "write the upload as request: and body:", "abort: upload and targets cannot be combined")
	}
	hasBody := slices.ContainsFunc(bodyKeys, func(key string) bool { return c.has(join(path, key)) })
	if !hasBody && c.has(path+".request") {
		c.fail(at, "add body, body_file, body_size or multipart", "abort: upload without a body to be cut off in")
	}
}

func (c *checker) pipelining(path string, e *Endpoint) {
	at := path + ".client.pipeline"
	c.exclude(at, "pipeline", map[string]string{
		path + ".abort_after":  "what is pipelined is answered in order: keep one of them",
		path + ".client.abort": "what is pipelined is answered in order: keep one of them",
		path + ".flow":         "each step needs its answer",
	})
	if e.Client.HTTP == 2 {
		c.fail(at, "HTTP/2 sends the requests of all workers at once: raise workers", "pipeline and http: 2 cannot be combined")
	}
	if e.Client.Connection == "new" {
		c.fail(at, "keep one of them", "pipeline and connection: new cannot be combined")
	}
}

// exclude fails for the first in the order of their names that is given beside
// the value at path.
func (c *checker) exclude(path, key string, others map[string]string) {
	for _, other := range slices.Sorted(maps.Keys(others)) {
		if c.has(other) {
			c.fail(path, others[other], "%s and %s cannot be combined", key, other[strings.LastIndexByte(other, '.')+1:])
			return
		}
	}
}

// shape checks how an open rate moves.
func (c *checker) shape(path string, e *Endpoint) {
	for _, key := range []string{"ramp_to", "sine"} {
		if c.has(join(path, key)) && !c.has(path+".open_rate") {
			c.fail(join(path, key), "add open_rate: 100/s", "%s without open_rate", key)
		}
	}
	if e.RampTo != nil {
		c.positive(path+".ramp_to", float64(*e.RampTo))
		if c.has(path + ".sine") {
			c.fail(path+".sine", "keep one of them", "ramp_to and sine cannot be combined")
		}
	}
	if e.Sine == nil || !c.good(path+".sine") {
		return
	}
	at := path + ".sine"
	c.timeout(at+".period", &e.Sine.Period, 0)
	c.required(at, "period", "add period: 1s")
	if c.required(at, "amplitude", "add amplitude: 50/s") {
		c.positive(at+".amplitude", float64(e.Sine.Amplitude))
		if e.OpenRate != nil && e.Sine.Amplitude >= *e.OpenRate {
			c.fail(at+".amplitude", "", "amplitude: %v is not less than the open rate of %v", e.Sine.Amplitude, *e.OpenRate)
		}
	}
}

// tls reads the authorities.
func (c *checker) tls(t *Target) {
	const path = "target.tls"
	if t.Attach != nil && strings.HasPrefix(t.Attach.URL, "http://") {
		c.fail(path, "write https:// in target.attach.url, or leave tls away", "tls and an http:// URL cannot be combined")
	}
	for _, key := range []string{"ca", "server_name"} {
		if t.TLS.Insecure && c.has(join(path, key)) {
			c.fail(join(path, key), "keep one of them", "%s has no meaning beside insecure: true", key)
		}
	}
	if !c.good(path + ".ca") {
		return
	}
	given := t.TLS.CA
	content, ok := c.file(path+".ca", &t.TLS.CA)
	if !ok {
		return
	}
	t.TLS.Authorities = x509.NewCertPool()
	if !t.TLS.Authorities.AppendCertsFromPEM(content) {
		c.fail(path+".ca", "a PEM file has a line -----BEGIN CERTIFICATE-----", "ca: %s has no certificate", quote(given))
	}
}
