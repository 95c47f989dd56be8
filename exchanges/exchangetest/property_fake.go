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
		"descriptor", "a program shows, guards and paces an exchange by its value alone, so the value must be complete and true",
		checkDescriptor,
	},
	{
		"vectors", "the fake may judge the adapter only after it has accepted what the exchange itself documents as a good request",
		checkVectors,
	},
	{
		"verifier", "a fake that lets a wrong request in would let a wrong adapter pass",
		checkVerifier,
	},
}

func checkDescriptor(c *trial) {
	e, def := c.exchange, c.fresh().def
	if err := e.Validate(); err != nil {
		c.Errorf("%v", err)
	}
	if e.Name != def.Name {
		c.Errorf("the adapter is named %q and its fake %q", e.Name, def.Name)
	}
	if len(e.Coverage.Reports)+len(e.Coverage.Absent) == 0 {
		c.Errorf("Coverage doesn't say which capabilities the exchange tells")
	}
	hosts := map[string]bool{}
	for _, env := range e.Environments {
		for _, address := range env.URLs {
			u, err := url.Parse(address)
			if err != nil {
				continue // Validate says so
			}
			hosts[u.Host] = true
			if !slices.Contains(def.Hosts, u.Host) {
				c.Errorf("the fake doesn't know the host %s of the environment %q", u.Host, env.Name)
			}
		}
	}
	for _, host := range def.Hosts {
		if !hosts[host] {
			c.Errorf("no environment has the fake's host %s", host)
		}
	}
	for _, call := range e.Calls {
		if route := call.Method + " " + call.Path; def.Routes[route] == nil && def.Public[route] == nil {
			c.Errorf("the call %s is declared, and the fake doesn't answer it", route)
		}
	}
	for _, kind := range def.Kinds {
		if !slices.Contains(e.Needs.Kinds, kind) {
			c.Errorf("the fake issues %s keys, and the adapter doesn't take them", kind)
		}
	}
	for _, kind := range e.Needs.Kinds {
		if !slices.Contains(def.Kinds, kind) {
			c.Errorf("the adapter takes %s keys, and the fake doesn't issue them", kind)
		}
	}
}

// signed is a request with what its verification depends on, so that it can be
// changed and judged again.
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
		k := Issued{Spec: Spec{Kind: v.Kind, OTP: v.OTP}, ID: v.Key, Secret: v.Secret, Passphrase: v.Passphrase}
		if k.Kind == access.KindOfKeyUnknown {
			k.Kind = def.Kinds[0]
		}
		if k.Kind != access.SharedSecret {
			if k.PrivateKey, k.PublicKey = v.Secret, publicOf(privateFrom(v.Secret)); k.PublicKey == nil {
				c.Errorf("vector %q: its secret is no private key", v.Name)
			}
		}
		out = append(out, signed{"vector " + v.Name, v.Method, v.URL, v.Header, v.Body, v.Time, k})
	}
	return out
}

// ownRequests are the requests the adapter makes with a key of each kind.
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

// judge has a fresh exchange check the requests, one after the other, and tells
// whether it let the last one in.
func (c *trial) judge(requests ...signed) bool {
	v := c.fresh()
	key := requests[0].key
	v.keys[key.ID] = &key
	var refusal *Reply
	for _, s := range requests {
		r, err := http.NewRequestWithContext(context.Background(), s.method, s.url, strings.NewReader(s.body))
		if err != nil {
			return false
		}
		for name, value := range s.header {
			r.Header.Set(name, value)
		}
		in := &Call{Request: r, Body: []byte(s.body), Now: s.at, fake: v, IP: v.caller}
		r.Body = io.NopCloser(bytes.NewReader(in.Body))
		in.Key = v.keys[v.def.Identify(in)]
		refusal = v.check(in)
	}
	return refusal == nil
}

func checkVectors(c *trial) {
	def := c.fresh().def
	if len(def.Vectors) == 0 && def.NoVectors == "" {
		c.Errorf("the fake has no documented vector, and doesn't say why")
	}
	if len(def.Vectors) > 0 && def.NoVectors != "" {
		c.Errorf("the fake has vectors, and says why it has none")
	}
	for _, s := range c.signedVectors() {
		if !c.judge(s) {
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
		if !c.judge(s) {
			c.Errorf("%s is refused as it is", s.name)
			continue
		}
		for what, changed := range c.changed(s) {
			if c.judge(changed) {
				c.Errorf("%s is let in with %s", s.name, what)
			}
		}
		if c.exchange.Needs.Nonce && c.judge(s, s) {
			c.Errorf("%s is let in twice with one nonce", s.name)
		}
	}
}

// changed gives the variants of a good request that must be refused.
func (c *trial) changed(s signed) map[string]signed {
	def := c.fresh().def
	out := map[string]signed{}
	protected := func(part string) bool {
		return !slices.ContainsFunc(def.Unsigned, func(u string) bool { return strings.EqualFold(u, part) })
	}

	other := s
	if s.key.Kind == access.SharedSecret {
		other.key.Secret = altered(s.key.Secret, len(s.key.Secret)/2)
	} else {
		other.key.Serial += 1000
		other.key.makePair(def.Name + " other")
	}
	if s.key.Kind != access.RSAKey || strings.HasPrefix(s.name, "vector") { // there is one RSA key only
		out["another secret"] = other
	}
	if s.key.Passphrase != "" {
		other := s
		other.key.Passphrase = altered(s.key.Passphrase, 0)
		out["another passphrase"] = other
	}
	late := s
	late.at = s.at.Add(time.Hour)
	if c.exchange.ClockWindow > 0 && !c.exchange.Needs.Nonce {
		out["an hour-old clock"] = late
	}
	for name, value := range s.header {
		if !protected(name) || slices.Contains(neverSigned, http.CanonicalHeaderKey(name)) {
			continue
		}
		without := s
		without.header = maps.Clone(s.header)
		delete(without.header, name)
		out["no header "+name] = without
		for _, at := range []int{len(value) / 4, len(value) / 2, len(value) * 3 / 4} {
			with := s
			with.header = maps.Clone(s.header)
			with.header[name] = altered(value, at)
			out[fmt.Sprintf("a changed header %s, at %d", name, at)] = with
		}
	}
	address, query, _ := strings.Cut(s.url, "?")
	if query != "" && protected("query") {
		for _, pair := range strings.Split(query, "&") {
			name, value, _ := strings.Cut(pair, "=")
			with := s
			with.url = address + "?" + strings.Replace(query, pair, name+"="+altered(value, len(value)/2), 1)
			out["a changed query, "+name] = with
		}
		without := s
		without.url = address
		out["no query"] = without
	}
	if path := strings.SplitN(address, "/", 4); len(path) == 4 && protected("path") {
		with := s
		with.url = strings.Join(path[:3], "/") + "/" + altered(path[3], len(path[3])/2)
		if query != "" {
			with.url += "?" + query
		}
		out["a changed path"] = with
	}
	if s.body != "" && protected("body") {
		for _, at := range []int{len(s.body) / 4, len(s.body) / 2, len(s.body) * 3 / 4} {
			with := s
			with.body = altered(s.body, at)
			out[fmt.Sprintf("a changed body, at %d", at)] = with
		}
	}
	return out
}

// neverSigned are headers that say nothing about the key.
var neverSigned = []string{"Accept", "Accept-Encoding", "Content-Type", "User-Agent"}

// altered changes the letter or digit nearest to a position, keeping the
// alphabet: hexadecimal stays hexadecimal. What is percent-encoded is left.
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
