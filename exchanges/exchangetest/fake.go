package exchangetest

import (
	"bytes"
	"io"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Exchange is a fake exchange. It verifies every request as the real one
// documents, answers for the keys it issued in the exchange's own wire format, and
// misbehaves when told to. It is an http.Handler and, for in-process use, an
// http.RoundTripper. It is safe for concurrent use.
type Fake struct {
	def definition

	mu       sync.Mutex
	clock    func() time.Time
	caller   netip.Addr
	keys     map[string]*issued
	faults   []Fault
	requests []Seen
	serial   int
}

func newFake(def definition) *Fake {
	return &Fake{def: def, clock: time.Now, caller: netip.MustParseAddr("198.51.100.20"), keys: map[string]*issued{}}
}

// Hosts are the addresses that the exchange answers at.
func (v *Fake) Hosts() []string { return slices.Clone(v.def.hosts) }

// Name is the exchange's name.
func (v *Fake) Name() string { return v.def.name }

// SetAccount numbers the account that the exchange's keys belong to, before the
// first is issued: keys of accounts with other numbers differ. A new fake is
// account 0.
func (v *Fake) SetAccount(number int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.serial = number * 1_000_000
}

// SetClock replaces the exchange's clock, to make it disagree with the client's.
func (v *Fake) SetClock(now func() time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.clock = now
}

// SetCaller sets the address that requests seem to come from. The default is
// 198.51.100.20.
func (v *Fake) SetCaller(a netip.Addr) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.caller = a
}

// Inject makes the next requests of any key fail.
func (v *Fake) Inject(faults ...Fault) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.faults = append(v.faults, faults...)
}

// Requests lists what the exchange received, in order.
func (v *Fake) Requests() []Seen {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.requests)
}

// Forget drops the record of requests and the faults not yet used.
func (v *Fake) Forget() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.requests, v.faults = nil, nil
}

// Failures lists the documented refusals, by name.
func (v *Fake) Failures() []string {
	names := make([]string, len(v.def.failures))
	for i, f := range v.def.failures {
		names[i] = f.Name
	}
	return names
}

// Rights lists what a key of the exchange can hold.
func (v *Fake) Rights() []Right { return slices.Clone(v.def.rights) }

// answer decides on the outcome of a request.
func (v *Fake) answer(r *http.Request) outcome {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
	}
	c := &call{Request: r, body: body, fake: v}
	v.mu.Lock()
	defer v.mu.Unlock()
	c.now, c.ip = v.clock(), v.caller
	id := ""
	if v.def.identify != nil {
		id = v.def.identify(c)
	}
	v.requests = append(v.requests, Seen{r.Method, r.Host, r.URL.Path, id})
	c.key = v.keys[id]
	if f, ok := v.takeFault(c.key); ok {
		return v.inject(c, f)
	}
	return outcome{Reply: v.serve(c)}
}

func (v *Fake) serve(c *call) Reply {
	if host := c.Host; !slices.Contains(v.def.hosts, host) && !loopback(host) {
		return Reply{Status: http.StatusMisdirectedRequest, Body: "no such host"}
	}
	route := c.Method + " " + c.URL.Path
	if handle := v.def.public[route]; handle != nil {
		return handle(c)
	}
	handle := v.def.routes[route]
	if handle == nil {
		return Reply{Status: http.StatusNotFound, Body: "not found"}
	}
	if refusal := v.check(c); refusal != nil {
		return *refusal
	}
	reply := handle(c)
	if c.key.Answer != nil && reply.Status < 300 && v.introspects(route) {
		reply.Body = strings.ReplaceAll(string(c.key.Answer), "{key}", c.key.id)
	}
	return reply
}

// introspects reports whether Spec.Answer replaces the answer of this route.
func (v *Fake) introspects(route string) bool {
	return v.def.routes[route] != nil && (v.def.introspection == "" || v.def.introspection == route)
}

// check is what every exchange does with a signed request, in this order.
func (v *Fake) check(c *call) *Reply {
	if c.key == nil {
		return c.refuse(FailUnknownKey)
	}
	if refusal := v.def.verify(c); refusal != nil {
		return refusal
	}
	switch {
	case c.key.Disabled:
		return c.refuse(FailDisabled)
	case !c.key.Expires.IsZero() && !c.now.Before(c.key.Expires):
		return c.refuse(FailExpired)
	case !admits(c.key.IPs, c.ip):
		return c.refuse(FailAddress)
	}
	return nil
}

// refuse gives the documented refusal of that name. An exchange that documents
// none refuses as it does an unknown key.
func (c *call) refuse(name string) *Reply {
	for _, want := range []string{name, FailUnknownKey} {
		for _, f := range c.fake.def.failures {
			if f.Name == want {
				reply := c.fill(f.Reply)
				return &reply
			}
		}
	}
	return &Reply{Status: http.StatusUnauthorized, Body: "refused: " + name}
}

// fill puts the caller's address where the exchange's text has {ip}, and the
// exchange's time where it has {ms}.
func (c *call) fill(r Reply) Reply {
	r.Body = strings.NewReplacer("{ip}", c.ip.String(), "{ms}", strconv.FormatInt(c.now.UnixMilli(), 10)).Replace(r.Body)
	return r
}

// admits reports whether a list lets an address in; an empty one lets every
// address in, and so does an entry that is no address.
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
func (v *Fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	out := v.answer(r)
	if !out.wait(r.Context()) || out.drop {
		panic(http.ErrAbortHandler)
	}
	for name, value := range out.header(v.now()) {
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

// RoundTrip answers in-process, so that an adapter keeps its real https
// addresses and testing/synctest works.
func (v *Fake) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	if r.Host == "" {
		r.Host = r.URL.Host
	}
	out := v.answer(r)
	if !out.wait(r.Context()) {
		return nil, r.Context().Err()
	}
	if out.drop {
		return nil, io.ErrUnexpectedEOF
	}
	header := http.Header{}
	for name, value := range out.header(v.now()) {
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
	return resp, nil
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func (v *Fake) now() time.Time {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.clock()
}
