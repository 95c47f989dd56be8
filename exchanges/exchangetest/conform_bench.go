package exchangetest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// bench is one key at a fresh exchange, ready to be inspected.
type bench struct {
	*trial
	fake *Fake
	key  audit.Key
	opts audit.Options
	wire *tap
}

// bench issues a key at a fresh exchange. It is noon, nothing is retried unless
// the caller changes that, and there is no rate limit.
func (c *trial) bench(spec Spec) *bench {
	b := &bench{trial: c, fake: c.fresh()}
	b.fake.SetClock(atNoon)
	b.wire = &tap{next: b.fake, def: &b.fake.def}
	unpaced := *c.exchange
	unpaced.Limit = adapter.Limit{Requests: 1e6, Per: time.Second}
	b.key = audit.Key{Name: "key", Exchange: &unpaced, Credentials: b.fake.Issue(spec)}
	b.opts = audit.Options{Transport: b.wire, Clock: atNoon, Attempts: 1}
	return b
}

// inspect runs the adapter. A panic is a problem, and an error here.
func (b *bench) inspect() (*access.Snapshot, *access.Error) { return b.inspectIn(context.Background()) }

func (b *bench) inspectIn(ctx context.Context) (s *access.Snapshot, failure *access.Error) {
	defer func() {
		if r := recover(); r != nil {
			b.Errorf("the adapter panicked: %v\n%s", r, culprit(debug.Stack()))
			s, failure = &access.Snapshot{}, &access.Error{}
		}
	}()
	s, err := audit.Inspect(ctx, b.key, &b.opts)
	if err != nil && !errors.As(err, &failure) {
		b.Errorf("the error is a %T, and should be an *access.Error", err)
		failure = &access.Error{}
	}
	return s, failure
}

// sends inspects the key, whatever the result, and returns what was sent.
func (b *bench) sends() []*sent {
	_, _ = b.inspect()
	return b.wire.requests()
}

// must inspects a key, which must give a snapshot.
func (b *bench) must(what string) *access.Snapshot {
	s, err := b.inspect()
	if err != nil {
		b.Errorf("%s: %v", what, err)
		return nil
	}
	return s
}

// culprit is the part of a stack that says where a panic began.
func culprit(stack []byte) string {
	lines := strings.Split(string(stack), "\n")
	if i := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, "panic(") }); i >= 0 {
		lines = lines[i:]
	}
	return strings.Join(lines[:min(len(lines), 8)], "\n")
}

// tap sits between the session and the exchange: it records what is sent, and may
// change what comes back.
type tap struct {
	next http.RoundTripper
	def  *Definition
	// edit, if set, changes an answer.
	edit func(r *sent, status int, header http.Header, body []byte) (int, []byte)

	// phrase, if set, is the reason phrase of answers.
	phrase string

	mu   sync.Mutex
	seen []*sent
}

// sent is a request that left the session, and the answer it got.
type sent struct {
	*http.Request
	name   string // its route
	body   []byte
	status int
	answer []byte
}

// route is "METHOD /path", and the operation where calls share a path.
func (s *sent) route() string { return s.name }

func (t *tap) RoundTrip(r *http.Request) (*http.Response, error) {
	out := &sent{Request: r.Clone(context.WithoutCancel(r.Context()))}
	if r.Body != nil {
		out.body, _ = io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(out.body))
	}
	out.name = t.def.route(r.Method, r.URL.Path, out.body)
	t.mu.Lock()
	t.seen = append(t.seen, out)
	t.mu.Unlock()
	resp, err := t.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, whole := drain(resp.Body)
	if !whole {
		resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), broken{}))
		return resp, nil
	}
	if t.edit != nil {
		resp.StatusCode, body = t.edit(out, resp.StatusCode, resp.Header, body)
	}
	if t.phrase != "" {
		resp.Status = t.phrase
	}
	out.status, out.answer = resp.StatusCode, body
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return resp, nil
}

// drain reads a body, and reports whether it was complete.
func drain(r io.Reader) ([]byte, bool) {
	body, err := io.ReadAll(r)
	return body, err == nil
}

// requests lists what was sent, in order.
func (t *tap) requests() []*sent {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.seen)
}

// indented is the stored form of a snapshot.
func indented(v any) []byte {
	out, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Append(nil, "not JSON: ", err)
	}
	return append(out, '\n')
}

// same records a problem if two snapshots differ.
func (c *trial) same(what string, want, got *access.Snapshot) {
	if w, g := indented(want), indented(got); !bytes.Equal(w, g) {
		c.Errorf("%s:\n%s", what, differing(string(w), string(g)))
	}
}

// answer is one answer of the exchange that an adapter reads.
type answer struct {
	name  string
	spec  Spec
	route string // empty for a documented answer, which Spec.Answer serves
	body  []byte
}

// bench is the answer's key at an exchange that sends this body instead.
func (a *answer) bench(c *trial, body []byte) *bench {
	if a.route == "" {
		return c.bench(Spec{Answer: append([]byte{}, body...)})
	}
	b := c.bench(a.spec)
	b.wire.edit = func(r *sent, status int, _ http.Header, answer []byte) (int, []byte) {
		if r.route() == a.route {
			return http.StatusOK, body
		}
		return status, answer
	}
	return b
}

// answers are all kinds of answers that the adapter reads: the documented ones,
// and for each call those that the fake gives for keys with as many rights as can
// go together, and for a key with an IP allowlist and no right.
func (c *trial) answers() []answer {
	var out []answer
	for _, f := range c.fixtures() {
		out = append(out, answer{name: f.name, body: f.body})
	}
	for i, spec := range c.riches() {
		out = append(out, c.recorded(fmt.Sprintf("many rights (%d)", i+1), spec)...)
	}
	return append(out, c.recorded("no right, an IP allowlist", c.poor())...)
}

// recorded are the answers that the fake gives for a key.
func (c *trial) recorded(name string, spec Spec) []answer {
	var out []answer
	for _, r := range c.bench(spec).sends() {
		if r.status == http.StatusOK {
			out = append(out, answer{name + ", " + r.route(), spec, r.route(), r.answer})
		}
	}
	return out
}

// rich is a key with as many rights as can go together, usable from any IP
// address.
func (c *trial) rich() Spec {
	if riches := c.riches(); len(riches) > 0 {
		return riches[0]
	}
	return Spec{}
}

// riches are keys that together have every right.
func (c *trial) riches() []Spec {
	def := c.fresh().def
	left := slices.Clone(def.Rights)
	var out []Spec
	for len(left) > 0 {
		var spec Spec
		left = slices.DeleteFunc(left, func(r Right) bool {
			more := Spec{Permissions: append(slices.Clip(spec.Permissions), r.Name)}
			fits := def.can(&more)
			if fits {
				spec = more
			}
			return fits
		})
		if spec.Permissions == nil { // the rest needs an IP allowlist, for instance
			break
		}
		out = append(out, spec)
	}
	return out
}

// poor is a key with no right, restricted to the caller's IP address, that expires
// within 30 days.
func (c *trial) poor() Spec {
	return Spec{
		IPs: []string{caller}, Label: "poor", Created: noon.Add(-40 * day), Changed: noon.Add(-20 * day), LastUsed: noon.Add(-2 * day),
		Expires: noon.Add(30 * day),
	}
}

const day = 24 * time.Hour
