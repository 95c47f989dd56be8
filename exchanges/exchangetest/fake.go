package exchangetest

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Fake is a fake exchange. It verifies every request as the real one documents
// it, answers for the keys it issued in the exchange's own wire format, and
// misbehaves when asked to. It is an http.Handler and, for in-process use, an
// http.RoundTripper. It is safe for concurrent use.
type Fake struct {
	def Definition

	mu       sync.Mutex
	clock    func() time.Time
	caller   netip.Addr
	keys     map[string]*Issued
	faults   []Fault
	requests []Seen
	serial   int
}

// New returns a fresh fake of the exchange that is defined. It keeps the
// definition's slices and maps, and does not change them. Without Identify or Verify,
// the fake answers every request with status 501 and what [Definition.Validate] says.
func New(d Definition) *Fake {
	return &Fake{def: d, clock: time.Now, caller: netip.MustParseAddr(caller), keys: map[string]*Issued{}}
}

// caller is where requests come from at a fresh exchange.
const caller = "198.51.100.20"

// Hosts are the hosts at which the exchange answers.
func (f *Fake) Hosts() []string { return slices.Clone(f.def.Hosts) }

// Name is the exchange's name.
func (f *Fake) Name() string { return f.def.Name }

// AddressOf derives the wallet address of a public key as the exchange's answers have it. It
// is nil where they have none but wallet addresses.
func (f *Fake) AddressOf() func(public []byte) string { return f.def.AddressOf }

// SetAccount numbers the account that the exchange's keys belong to, before the
// first is issued: keys of accounts with other numbers differ. A new fake is
// account 0.
func (f *Fake) SetAccount(number int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.serial = number * 1_000_000
}

// SetClock replaces the exchange's clock, to make it disagree with the client's.
func (f *Fake) SetClock(now func() time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.clock = now
}

// SetCaller sets the IP address that requests seem to come from. The default is
// 198.51.100.20.
func (f *Fake) SetCaller(a netip.Addr) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.caller = a
}

// Inject makes the next requests of any key fail.
func (f *Fake) Inject(faults ...Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults = append(f.faults, faults...)
}

// Requests lists what the exchange received, in order.
func (f *Fake) Requests() []Seen {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.requests)
}

// Forget drops the record of requests and the faults not yet used.
func (f *Fake) Forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests, f.faults = nil, nil
}

// Failures lists the documented refusals, by name.
func (f *Fake) Failures() []string {
	names := make([]string, len(f.def.Failures))
	for i, failure := range f.def.Failures {
		names[i] = failure.Name
	}
	return names
}

// Rights lists what a key of the exchange can hold.
func (f *Fake) Rights() []Right { return slices.Clone(f.def.Rights) }

// answer decides on the outcome of a request.
func (f *Fake) answer(r *http.Request) outcome {
	c := &Call{Request: r, fake: f}
	if r.Body != nil {
		c.Body, _ = io.ReadAll(r.Body)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.def.Identify == nil || f.def.Verify == nil {
		return outcome{Reply: Reply{Status: http.StatusNotImplemented, Body: f.def.Validate().Error()}}
	}
	c.Now, c.IP = f.clock(), f.caller
	seen := Seen{Method: r.Method, Host: r.Host, Path: r.URL.Path}
	if loopback(r.Host) && len(f.def.Hosts) > 0 {
		c.Request = r.WithContext(r.Context()) // a copy
		c.Host = f.def.Hosts[0]
	}
	seen.KeyID = f.def.Identify(c)
	f.requests = append(f.requests, seen)
	c.Key = f.keys[seen.KeyID]
	if fault, ok := f.takeFault(c.Key); ok {
		return f.inject(c, fault)
	}
	return outcome{Reply: f.serve(c)}
}

func (f *Fake) serve(c *Call) Reply {
	if !slices.Contains(f.def.Hosts, c.Host) {
		return Reply{Status: http.StatusMisdirectedRequest, Body: "no such host"}
	}
	route := f.def.route(c.Method, c.URL.Path, c.Body)
	if handle := f.def.Public[route]; handle != nil {
		return handle(c)
	}
	handle := f.def.Routes[route]
	if handle == nil {
		return Reply{Status: http.StatusNotFound, Body: "not found"}
	}
	if refusal := f.check(c); refusal != nil {
		return *refusal
	}
	reply := handle(c)
	if c.Key.Answer != nil && reply.Status < 300 && f.introspects(route) {
		reply.Body = f.def.fill(c.Key)
	}
	return reply
}

// fill is the answer that replaces the usual one for a key.
func (d *Definition) fill(k *Issued) string {
	if d.Fill != nil {
		return d.Fill(k, k.Answer)
	}
	return strings.ReplaceAll(string(k.Answer), "{key}", k.ID)
}

// introspects reports whether Spec.Answer replaces the answer of this route.
func (f *Fake) introspects(route string) bool {
	return f.def.Routes[route] != nil && (f.def.Introspection == "" || f.def.Introspection == route)
}

// check is what every exchange does with a signed request, in this order.
func (f *Fake) check(c *Call) *Reply {
	if c.Key == nil {
		return c.Refuse(FailUnknownKey)
	}
	if refusal := f.def.Verify(c); refusal != nil {
		return refusal
	}
	switch {
	case c.Key.Disabled:
		return c.Refuse(FailDisabled)
	case !c.Key.Expires.IsZero() && !c.Now.Before(c.Key.Expires):
		return c.Refuse(FailExpired)
	case !admits(c.Key.IPs, c.IP):
		return c.Refuse(FailIP)
	}
	return nil
}

// admits reports whether an IP allowlist admits an IP address. An empty one
// admits any, and so does an entry that is not an IP address or a range.
func admits(list []string, a netip.Addr) bool {
	if len(list) == 0 {
		return true
	}
	for _, text := range list {
		prefix, err := netip.ParsePrefix(text)
		if addr, addrErr := netip.ParseAddr(text); addrErr == nil {
			prefix, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		if err != nil || prefix.Contains(a) {
			return true
		}
	}
	return false
}

func loopback(host string) bool {
	host, _, _ = strings.Cut(host, ":")
	return host == "127.0.0.1" || host == "localhost"
}

// ServeHTTP answers over a real connection.
func (f *Fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	out := f.answer(r)
	if !out.wait(r.Context()) || out.drop {
		panic(http.ErrAbortHandler)
	}
	for name, value := range out.header(f.now()) {
		w.Header().Set(name, value)
	}
	body := out.Body
	if out.truncate > 0 && out.truncate < len(body) {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(out.status())
		_, _ = io.WriteString(w, body[:out.truncate])
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(out.status())
	_, _ = io.WriteString(w, body)
}

// RoundTrip answers in-process, so that an adapter keeps its real https URLs
// and testing/synctest works.
func (f *Fake) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	if r.Host == "" {
		r.Host = r.URL.Host
	}
	out := f.answer(r)
	if !out.wait(r.Context()) {
		return nil, r.Context().Err()
	}
	if out.drop {
		return nil, io.ErrUnexpectedEOF
	}
	header := http.Header{}
	for name, value := range out.header(f.now()) {
		header.Set(name, value)
	}
	resp := &http.Response{
		StatusCode: out.status(), Status: http.StatusText(out.status()), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, ContentLength: int64(len(out.Body)), Request: r,
	}
	var body io.Reader = strings.NewReader(out.Body)
	if out.truncate > 0 && out.truncate < len(out.Body) {
		body = io.MultiReader(bytes.NewReader([]byte(out.Body[:out.truncate])), broken{})
	}
	resp.Body = io.NopCloser(body)
	asVerified(resp, r)
	return resp, nil
}

// asVerified makes an answer to an https request what it would be over a connection
// whose certificate was verified: no network lies between, and the audit looks.
func asVerified(resp *http.Response, to *http.Request) {
	if to.URL.Scheme == "https" {
		resp.TLS = &tls.ConnectionState{HandshakeComplete: true, ServerName: to.URL.Hostname(), VerifiedChains: [][]*x509.Certificate{{}}}
	}
}

// broken is the end of a body whose connection was closed.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func (f *Fake) now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.clock()
}
