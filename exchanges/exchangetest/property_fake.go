package exchangetest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

var fakeProperties = []property{
	{
		"definition", "a fake must be complete before it may judge an adapter",
		checkDefinition,
	},
	{
		"descriptor", "programs show, guard and pace an exchange by its descriptor alone, so the descriptor must be complete and true",
		checkDescriptor,
	},
	{
		"vectors", "the fake may judge the adapter only after it has accepted what the exchange itself documents as a valid request",
		checkVectors,
	},
	{
		"verifier", "a fake that accepts a wrong request would pass a wrong adapter",
		checkVerifier,
	},
}

func checkDefinition(c *trial) {
	if err := c.fresh().def.Validate(); err != nil {
		for line := range strings.Lines(err.Error()) {
			c.Errorf("%s", strings.TrimSpace(line))
		}
	}
}

func checkDescriptor(c *trial) {
	e, def := c.exchange, c.fresh().def
	if err := e.Validate(); err != nil {
		c.Errorf("%v", err)
	}
	if e.Name != def.Name {
		c.Errorf("the adapter is named %q, and its fake %q", e.Name, def.Name)
	}
	if len(e.Coverage.Reports)+len(e.Coverage.Absent) == 0 {
		c.Errorf("Coverage does not say which capabilities the exchange reports")
	}
	for _, call := range e.Calls {
		if route := def.route(call.Method, call.Path, []byte(call.Body)); def.Routes[route] == nil && def.Public[route] == nil {
			c.Errorf("Calls has %s, which the fake does not answer", route)
		}
	}
	c.compareHosts()
	c.compareKinds()
}

func (c *trial) compareHosts() {
	known := c.fresh().def.Hosts
	var used []string
	for _, env := range c.exchange.Environments {
		for _, base := range env.URLs {
			u, err := url.Parse(base)
			if err != nil {
				continue // Validate says so
			}
			if used = append(used, u.Host); !slices.Contains(known, u.Host) {
				c.Errorf("the environment %q has the host %s, which the fake does not have", env.Name, u.Host)
			}
		}
	}
	for _, host := range known {
		if !slices.Contains(used, host) {
			c.Errorf("the fake has the host %s, which no environment has", host)
		}
	}
}

func (c *trial) compareKinds() {
	issued, taken := c.fresh().def.Kinds, c.exchange.Needs.Kinds
	for _, kind := range issued {
		if !slices.Contains(taken, kind) {
			c.Errorf("the fake issues %s keys, and the adapter does not take them", kind)
		}
	}
	for _, kind := range taken {
		if !slices.Contains(issued, kind) {
			c.Errorf("the adapter takes %s keys, and the fake does not issue them", kind)
		}
	}
}

// signed is a request with all that its verification depends on, so that it can
// be changed and verified again.
type signed struct {
	name        string
	method, url string
	header      map[string]string
	body        string
	at          time.Time
	key         Issued
}

// signedVectors are the documented requests.
func (c *trial) signedVectors() []signed {
	def := c.fresh().def
	var out []signed
	for _, v := range def.Vectors {
		k := Issued{Spec: Spec{Kind: def.kind(v.Kind), OTP: v.OTP}, ID: v.Key, Account: v.Account, Secret: v.Secret, Passphrase: v.Passphrase}
		if k.Kind != access.SharedSecret {
			if k.PublicKey = publicOf(privateFrom(v.Secret)); k.PublicKey == nil {
				c.Errorf("vector %q: its Secret cannot be read as a private key", v.Name)
			}
		}
		out = append(out, signed{"vector " + v.Name, v.Method, v.URL, v.Header, v.Body, v.Time, k})
	}
	return out
}

// ownRequests are the requests that the adapter sends with a key of each kind.
func (c *trial) ownRequests() []signed {
	var out []signed
	for _, kind := range c.fresh().def.Kinds {
		b := c.bench(Spec{Kind: kind})
		for _, r := range b.sends() {
			if b.fake.def.Routes[r.route()] == nil {
				continue
			}
			s := signed{
				name: "the adapter's " + r.route() + " with a " + kind.String() + " key", method: r.Method, url: r.URL.String(),
				header: map[string]string{}, body: string(r.body), at: noon, key: *b.fake.keys[b.key.Credentials.Key],
			}
			for name := range r.Header {
				s.header[name] = r.Header.Get(name)
			}
			s.key.Nonce = 0
			out = append(out, s)
		}
	}
	return out
}

// accepts has a fresh exchange check requests, one after the other, and reports
// whether it accepted the last one.
func (c *trial) accepts(requests ...signed) bool {
	fake := c.fresh()
	key := requests[0].key
	fake.keys[key.ID] = &key
	var refusal *Reply
	for _, s := range requests {
		r, err := http.NewRequestWithContext(context.Background(), s.method, s.url, strings.NewReader(s.body))
		if err != nil {
			return false
		}
		for name, value := range s.header {
			r.Header.Set(name, value)
		}
		in := &Call{Request: r, Body: []byte(s.body), Now: s.at, IP: fake.caller, fake: fake}
		r.Body = io.NopCloser(bytes.NewReader(in.Body))
		in.Key = fake.keys[fake.def.Identify(in)]
		refusal = fake.check(in)
	}
	return refusal == nil
}

func checkVectors(c *trial) {
	for _, s := range c.signedVectors() {
		if !c.accepts(s) {
			c.Errorf("%s is refused", s.name)
		}
	}
}

func checkVerifier(c *trial) {
	requests := append(c.signedVectors(), c.ownRequests()...)
	if len(requests) == 0 {
		c.Errorf("there is no signed request to change")
	}
	for _, s := range requests {
		if !c.accepts(s) {
			c.Errorf("%s is refused as it is", s.name)
			continue
		}
		for what, changed := range c.changed(s) {
			if c.accepts(changed) {
				c.Errorf("%s is accepted with %s", s.name, what)
			}
		}
		if c.exchange.Needs.Nonce && c.accepts(s, s) {
			c.Errorf("%s is accepted a second time, with the same nonce", s.name)
		}
	}
}

// changed gives the variants of a valid request that must be refused.
func (c *trial) changed(s signed) map[string]signed {
	def := c.fresh().def
	out := map[string]signed{}
	c.changeKey(s, out)
	if c.exchange.ClockWindow > 0 && !c.exchange.Needs.Nonce {
		late := s
		late.at = s.at.Add(time.Hour)
		out["a timestamp an hour old"] = late
	}
	signs := func(part string) bool {
		return !slices.ContainsFunc(def.Unsigned, func(u string) bool { return strings.EqualFold(u, part) })
	}
	for name := range s.header {
		if signs(name) && !slices.Contains(neverSigned, http.CanonicalHeaderKey(name)) {
			changeHeader(s, name, out)
		}
	}
	if signs("query") {
		changeQuery(s, out)
	}
	if signs("path") {
		changePath(s, out)
	}
	if signs("body") && s.body != "" {
		for _, at := range quarters(s.body) {
			with := s
			with.body = altered(s.body, at)
			out[fmt.Sprintf("a changed body, at %d", at)] = with
		}
	}
	return out
}

// changeKey has the exchange know another secret, or another passphrase, than
// the one that signed.
func (c *trial) changeKey(s signed, out map[string]signed) {
	other := s
	if s.key.Kind == access.SharedSecret {
		other.key.Secret = altered(s.key.Secret, len(s.key.Secret)/2)
	} else {
		other.key.Serial += 1000
		other.key.makePair(c.fresh().def.Name + " other")
	}
	if s.key.Kind != access.RSAKey || strings.HasPrefix(s.name, "vector") { // there is one RSA key only
		out["another secret"] = other
	}
	if s.key.Passphrase != "" {
		other := s
		other.key.Passphrase = altered(s.key.Passphrase, 0)
		out["another passphrase"] = other
	}
}

func changeHeader(s signed, name string, out map[string]signed) {
	without := s
	without.header = maps.Clone(s.header)
	delete(without.header, name)
	out["no header "+name] = without
	for _, at := range quarters(s.header[name]) {
		with := s
		with.header = maps.Clone(s.header)
		with.header[name] = altered(s.header[name], at)
		out[fmt.Sprintf("a changed header %s, at %d", name, at)] = with
	}
}

func changeQuery(s signed, out map[string]signed) {
	base, query, _ := strings.Cut(s.url, "?")
	if query == "" {
		return
	}
	for _, pair := range strings.Split(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		with := s
		with.url = base + "?" + strings.Replace(query, pair, name+"="+altered(value, len(value)/2), 1)
		out["a changed query, "+name] = with
	}
	without := s
	without.url = base
	out["no query"] = without
}

func changePath(s signed, out map[string]signed) {
	base, query, found := strings.Cut(s.url, "?")
	parts := strings.SplitN(base, "/", 4) // scheme, nothing, host, path
	if len(parts) < 4 {
		return
	}
	parts[3] = altered(parts[3], len(parts[3])/2)
	with := s
	if with.url = strings.Join(parts, "/"); found {
		with.url += "?" + query
	}
	out["a changed path"] = with
}

// quarters are places to change in a text.
func quarters(text string) []int { return []int{len(text) / 4, len(text) / 2, len(text) * 3 / 4} }

// neverSigned are headers that say nothing about the key.
var neverSigned = []string{"Accept", "Accept-Encoding", "Content-Type", "User-Agent"}

// altered changes the letter or digit nearest to a position, and keeps the
// alphabet: hexadecimal stays hexadecimal. Percent-encoded characters stay.
func altered(text string, at int) string {
	for step := range len(text) {
		for _, i := range []int{at + step, at - step} {
			if i < 0 || i >= len(text) || strings.Contains(text[max(0, i-2):i], "%") {
				continue
			}
			const cycles = "1234567890 bcdefa BCDEFA hijklmnopqrstuvwxyzg HIJKLMNOPQRSTUVWXYZG"
			const before = "0123456789 abcdef ABCDEF ghijklmnopqrstuvwxyz GHIJKLMNOPQRSTUVWXYZ"
			if n := strings.IndexByte(before, text[i]); n >= 0 && text[i] != ' ' {
				return text[:i] + cycles[n:n+1] + text[i+1:]
			}
		}
	}
	return text + "x"
}
