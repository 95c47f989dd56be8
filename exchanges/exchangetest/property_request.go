package exchangetest

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

var requestProperties = []property{
	{
		"request", "what is sent is what was reviewed: a change of a single byte must be noticed",
		checkRequest,
	},
	{
		"guard", "owners are promised that only declared calls are sent, and no more often than declared",
		checkGuard,
	},
	{
		"environments", "a key must be sent to the environment that its owner named, and nowhere else",
		checkEnvironments,
	},
	{
		"swapped", "of a pair in the wrong order what is shown as the key would be the secret",
		checkSwapped,
	},
	{
		"served", "the in-process fake must not be more lenient than a real connection",
		checkServed,
	},
	{
		"redirect", "a redirect would carry the key to another host",
		checkRedirect,
	},
}

// checkSwapped gives the secret as the key and the key as the secret, for each kind of
// key. A private key in PEM is none of an exchange's identifiers; other secrets are
// recognised where the exchange's own have forms that differ, and without forms the
// pair is the exchange's to judge.
func checkSwapped(c *trial) {
	needs := &c.exchange.Needs
	if (needs.KeyForm == nil) != (needs.SecretForm == nil) {
		c.Errorf("one of KeyForm and SecretForm is given, and neither says anything alone")
		return
	}
	for _, kind := range c.fresh().def.Kinds {
		b := c.bench(Spec{Kind: kind})
		key, secret := b.key.Credentials.Key, b.key.Credentials.Secret.Reveal()
		switch inPEM := strings.Contains(secret, "-----BEGIN"); {
		case needs.KeyForm == nil && !inPEM:
			if needs.Wallet == nil {
				c.compareUnseen(kind)
			}
			continue
		case needs.KeyForm != nil && (!needs.KeyForm.MatchString(key) || (!inPEM && !needs.SecretForm.MatchString(secret))):
			c.Errorf("the forms do not fit what the exchange issues: a key of %d and a secret of %d characters", len(key), len(secret))
			continue
		}
		b.key.Credentials.Key, b.key.Credentials.Secret = secret, adapter.NewSecret(key)
		c.compareSwapped(b, secret)
	}
}

// compareUnseen demands that nothing of a swapped pair's secret is shown where only the
// exchange can notice it: it knows no such key, also if it says so in the secret's words.
func (c *trial) compareUnseen(kind access.KeyKind) {
	for _, f := range c.fresh().def.Failures {
		if f.Kind != access.KindBadKey && !slices.Contains(f.Candidates, access.KindBadKey) {
			continue
		}
		whole := c.bench(Spec{Kind: kind}).key.Credentials
		secret := whole.Secret.Reveal()
		echo, _ := reworded(f.Body, "", "", "there is no key "+secret+" here")
		for about, body := range map[string]string{"as documented": f.Body, "with the key in its words": echo} {
			b := c.bench(Spec{Kind: kind, Faults: []Fault{{Times: -1, Reply: &Reply{Status: f.Status, Header: f.Header, Body: body}}}})
			var said bytes.Buffer
			b.opts.Logger = slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: slog.LevelDebug}))
			b.key.Credentials.Key, b.key.Credentials.Secret = secret, adapter.NewSecret(whole.Key)
			s, err := b.inspect()
			if err == nil {
				c.Errorf("%q, %s, gives a snapshot, and should be an error", f.Name, about)
				continue
			}
			text, _ := json.Marshal(s)
			for _, end := range []string{secret[:access.MaskShows], secret[len(secret)-access.MaskShows:]} {
				if all := string(text) + err.Error() + said.String(); strings.Contains(all, end+"…") || strings.Contains(all, "…"+end) {
					c.Errorf("%q, %s, for a pair that may be swapped: the secret's %q is shown as the key's", f.Name, about, end)
				}
			}
		}
	}
}

// compareSwapped demands that nothing is sent of a swapped pair, and nothing of its
// secret shown.
func (c *trial) compareSwapped(b *bench, secret string) {
	s, err := b.inspect()
	if err == nil || !strings.Contains(err.Error(), "put each where the other is") {
		c.Errorf("a swapped pair is not said to be swapped: %v", err)
	}
	if n := len(b.wire.requests()); n > 0 {
		c.Errorf("%d requests were sent with a swapped pair", n)
	}
	if s != nil && s.Fingerprint != "" {
		c.Errorf("the secret's fingerprint is given as the key's")
	}
	if shown := access.MaskID(secret); s != nil && s.KeyID == shown || err != nil && strings.Contains(err.Error(), shown) {
		c.Errorf("the beginning and end of the secret are shown as the key's")
	}
}

// checkRequest compares the requests for a key of each kind with the golden file.
// What differs between two runs at the same time is random, and is omitted.
func checkRequest(c *trial) {
	var out strings.Builder
	for _, kind := range c.fresh().def.Kinds {
		var runs [2][]*sent
		for i := range runs {
			b := c.bench(Spec{Kind: kind})
			b.must("a " + kind.String() + " key")
			runs[i] = b.wire.requests()
		}
		if len(runs[0]) != len(runs[1]) {
			c.Errorf("two runs with one %s key sent %d and %d requests", kind, len(runs[0]), len(runs[1]))
			continue
		}
		fmt.Fprintf(&out, "# %s key\n\n", kind)
		for i := range runs[0] {
			a, b := written(runs[0][i]), written(runs[1][i])
			for line := range a {
				if line < len(b) && a[line] != b[line] {
					a[line] = strings.TrimSuffix(common(a[line], b[line]), " ") + " (random)"
				}
			}
			out.WriteString(strings.Join(a, "\n") + "\n\n")
		}
	}
	c.golden("request.golden", []byte(strings.TrimSuffix(out.String(), "\n")))
}

// common is what two lines begin with, up to the end of the name.
func common(a, b string) string {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return a[:strings.LastIndexAny(a[:n], ": =")+1]
}

// written is a request as lines: method and URL, the query, the headers in
// alphabetical order, the body. Tokens are decoded.
func written(r *sent) []string {
	base := *r.URL
	base.RawQuery = ""
	out := []string{r.Method + " " + base.String()}
	if r.URL.RawQuery != "" {
		for pair := range strings.SplitSeq(r.URL.RawQuery, "&") {
			out = append(out, "? "+pair)
		}
	}
	names := make([]string, 0, len(r.Header))
	for name := range r.Header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, value := range r.Header[name] {
			out = append(out, decoded(name+":", value)...)
		}
	}
	return append(out, writtenBody(string(r.body))...)
}

func writtenBody(body string) []string {
	var members map[string]json.RawMessage
	switch {
	case body == "":
		return nil
	case json.Unmarshal([]byte(body), &members) == nil:
		out := []string{"", body}
		if len(members) > 0 { // one by one, so that a random member does not hide the others
			out = out[:1]
			for _, name := range slices.Sorted(maps.Keys(members)) {
				out = append(out, fmt.Sprintf("%q: %s", name, members[name]))
			}
		}
		return out
	default:
		return append([]string{""}, strings.Split(body, "&")...)
	}
}

// decoded shows the parts of a token, each on a line of its own.
func decoded(name, value string) []string {
	scheme, token, ok := strings.Cut(value, " ")
	if !ok {
		scheme, token = "", value
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return []string{name + " " + value}
	}
	out := []string{strings.TrimSuffix(name+" "+scheme, " ")}
	for i, part := range parts[:2] {
		raw, err := base64.RawURLEncoding.DecodeString(part)
		var members map[string]json.RawMessage
		if err != nil || json.Unmarshal(raw, &members) != nil {
			return []string{name + " " + value}
		}
		for _, member := range slices.Sorted(maps.Keys(members)) {
			out = append(out, fmt.Sprintf("  %s.%s: %s", []string{"header", "claims"}[i], member, members[member]))
		}
	}
	return append(out, "  signature: "+parts[2])
}

// checkGuard demands every unconditional call once, and every other call at most
// once.
func checkGuard(c *trial) {
	environment := c.exchange.Environments[0].Name
	for name, spec := range map[string]Spec{"with every right": c.rich(), "with no right": c.poor(), "of a sub-account": {SubAccount: true}} {
		b := c.bench(spec)
		b.must("a key " + name)
		made := map[string]int{}
		for _, r := range b.wire.requests() {
			made[r.route()]++
			if r.URL.Scheme != "https" {
				c.Errorf("%s was sent by %s", r.route(), r.URL.Scheme)
			}
		}
		for _, call := range c.exchange.Calls {
			route := c.fresh().def.route(call.Method, call.Path, []byte(call.Body))
			n, in := made[route], len(call.Environments) == 0 || slices.Contains(call.Environments, environment)
			delete(made, route)
			switch {
			case in && call.When == "" && n != 1:
				c.Errorf("a key %s: %s was sent %d times, and Calls says once", name, route, n)
			case n > 1 || (n > 0 && !in):
				c.Errorf("a key %s: %s was sent %d times, and Calls says at most once, in its environments only", name, route, n)
			}
		}
		for route := range made {
			c.Errorf("a key %s: %s was sent, and is not in Calls", name, route)
		}
	}
}

func checkEnvironments(c *trial) {
	for _, env := range c.exchange.Environments {
		for _, base := range env.URLs {
			b := c.bench(Spec{})
			b.key.Environment = env.Name
			if base != env.URLs[0] {
				b.key.BaseURL = base
			}
			s, err := b.inspect()
			if err == nil && (s.Environment != env.Name || s.Test != env.Test) {
				c.Errorf("environment %q: the snapshot says %q, test %v", env.Name, s.Environment, s.Test)
			}
			if err != nil && err.Kind != access.KindWrongEnvironment {
				c.Errorf("environment %q at %s: %v", env.Name, base, err)
			}
			want, _ := url.Parse(base)
			for _, r := range b.wire.requests() {
				if r.URL.Host != want.Host {
					c.Errorf("environment %q: a request went to %s", env.Name, r.URL.Host)
				}
				for name, value := range env.Headers {
					if r.Header.Get(name) != value {
						c.Errorf("environment %q: the header %s is %q", env.Name, name, r.Header.Get(name))
					}
				}
			}
			if len(b.wire.requests()) == 0 {
				c.Errorf("environment %q: nothing was sent", env.Name)
			}
		}
	}
}

func checkRedirect(c *trial) {
	for _, status := range []int{
		http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect,
	} {
		b := c.bench(Spec{})
		b.fake.Inject(Fault{Times: -1, Reply: &Reply{Status: status, Header: map[string]string{"Location": "https://collector.example/"}}})
		_, err := b.inspect()
		switch {
		case err == nil:
			c.Errorf("status %d: it gives a snapshot", status)
		case err.Kind != access.KindGuard && !c.exchange.Needs.Nonce: // then the exchange's time is asked for first, and is unavailable
			c.Errorf("status %d: the error is %v, and should be of access.KindGuard", status, err)
		}
		if n := len(b.wire.requests()); n != 1 {
			c.Errorf("status %d: %d more requests were sent", status, n-1)
		}
		for _, r := range b.wire.requests() {
			if r.URL.Host == "collector.example" {
				c.Errorf("status %d: the redirect was followed", status)
			}
		}
	}
}

// checkServed inspects over HTTP on a loopback address.
func checkServed(c *trial) {
	want := c.bench(c.rich()).must("a key inspected in-process")
	b := c.bench(c.rich())
	server := Serve(b.fake)
	defer server.Close()
	b.wire.next = server.Transport()
	if got := b.must("a key inspected over HTTP"); got != nil && want != nil {
		c.same("a key inspected over HTTP gives another snapshot", want, got)
	}
}
