package exchangetest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

var failureProperties = []property{
	{
		"failures", "owners act on the meaning of a refusal, so every documented one must be reported as what it is",
		checkFailures,
	},
	{
		"undocumented", "an undocumented refusal is shown with its code, and its meaning is never guessed",
		checkUndocumented,
	},
	{
		"transport", "a broken connection or an overloaded exchange says nothing about the key",
		checkTransport,
	},
	{
		"clock", "a wrong clock is corrected once, by the exchange's, and never locks a key",
		checkClock,
	},
}

// failing inspects a key whose n-th request that needs a key, and all after it,
// are refused as documented; n counts from 0.
func (c *trial) failing(name string, n int) (*bench, *access.Snapshot, *access.Error) {
	faults := make([]Fault, n, n+1)
	b := c.bench(Spec{Faults: append(faults, Fault{Failure: name, Times: -1})})
	s, err := b.inspect()
	return b, s, err
}

func checkFailures(c *trial) {
	if len(c.fresh().def.Failures) == 0 {
		c.Errorf("the fake has no Failures")
	}
	for _, f := range c.fresh().def.Failures {
		for n := range c.signedRoutes() {
			b, s, err := c.failing(f.Name, n)
			if err == nil && n > 0 { // a call that the adapter can do without
				if whole, _ := c.bench(Spec{}).inspect(); whole != nil {
					for _, text := range greener(whole, s) {
						c.Errorf("%q, at call %d: %s", f.Name, n+1, text)
					}
				}
				continue
			}
			c.compareFailure(fmt.Sprintf("%q, at call %d", f.Name, n+1), &f, s, err)
			c.compareAttempts(fmt.Sprintf("%q, at call %d", f.Name, n+1), b, err)
		}
	}
}

func (c *trial) compareFailure(what string, f *Failure, s *access.Snapshot, err *access.Error) {
	if err == nil {
		c.Errorf("%s: it gives a snapshot, and should be an error", what)
		return
	}
	if err.Kind != f.Kind {
		c.Errorf("%s: it is read as %q, and should be %q (%v)", what, err.Kind, f.Kind, err)
	}
	if got, want := slices.Sorted(slices.Values(err.Candidates)), slices.Sorted(slices.Values(f.Candidates)); !slices.Equal(got, want) {
		c.Errorf("%s: the candidates are %s, and should be %s", what, listed(got), listed(want))
	}
	if want := max(f.Status, http.StatusOK); err.Status != want {
		c.Errorf("%s: the error's Status is %d, and should be %d", what, err.Status, want)
	}
	if s != nil && f.Kind == access.KindIPNotAllowed && (s.IPAllowlist.State == access.AllowlistUnknown) != c.exchange.RefusesIPFreely {
		c.Errorf("%s: the refusal by IP address leaves the allowlist %s", what, s.IPAllowlist.State)
	}
	if s == nil || s.Failure == nil || len(s.Grants) > 0 {
		c.Errorf("%s: the snapshot has more than the failure", what)
	}
}

// listed writes kinds as words: fmt takes a slice of them for bytes.
func listed(kinds []access.Kind) string {
	var words []string
	for _, k := range kinds {
		words = append(words, k.String())
	}
	return fmt.Sprintf("%q", words)
}

// compareAttempts demands that a call is not repeated after a failure. Only the
// session may do so, once, with the exchange's time or a larger nonce.
func (c *trial) compareAttempts(what string, b *bench, err *access.Error) {
	times, most := map[string]int{}, 1
	if err != nil && (err.Kind == access.KindClockSkew || err.Kind == access.KindNonce) {
		most = 2
	}
	for _, r := range b.wire.requests() {
		if times[r.route()]++; times[r.route()] == most+1 {
			c.Errorf("%s: %s was sent %d times; an adapter must not retry", what, r.route(), times[r.route()])
		}
	}
}

// checkUndocumented removes members from each refusal, and replaces its code and
// its words by made-up ones.
func checkUndocumented(c *trial) {
	replaced := 0
	for _, f := range c.fresh().def.Failures {
		_, _, known := c.failing(f.Name, 0)
		if known == nil {
			continue // failures says so
		}
		f.Reply = (&Call{Now: noon, IP: netip.MustParseAddr(caller)}).Fill(f.Reply)
		c.shortened(f)
		if c.recoded(f, known.Code) {
			replaced++
		}
	}
	if replaced == 0 {
		c.Errorf("no refusal has a code or words that the adapter shows")
	}
}

// refusing is a key that always gets this body instead of the refusal's.
func (c *trial) refusing(f Failure, body string) *bench {
	return c.bench(Spec{Faults: []Fault{{Times: -1, Reply: &Reply{Status: f.Status, Header: f.Header, Body: body}}}})
}

// shortened demands that a refusal without one of its members is not an answer.
func (c *trial) shortened(f Failure) {
	for path, body := range variants([]byte(f.Body), missing) {
		if _, err := c.refusing(f, string(body)).inspect(); err == nil {
			c.Errorf("%q without the member %s gives a snapshot, and should be an error", f.Name, path)
		}
	}
}

// recoded demands that a refusal with a made-up code is shown and not guessed at.
// It reports whether the refusal has a code or words.
func (c *trial) recoded(f Failure, code string) bool {
	other := unrecognised(code)
	body, ok := reworded(f.Body, code, other, "teleport was denied")
	if !ok {
		return false
	}
	s, err := c.refusing(f, body).inspect()
	switch {
	case err == nil:
		c.Errorf("%q with an unknown code gives a snapshot, and should be an error", f.Name)
		return true
	case err.Kind != access.KindNotUnderstood && err.Kind != kindByStatus[f.Status] && f.Status < 500:
		c.Errorf("%q with an unknown code is read as %q", f.Name, err.Kind)
	case code != "" && !strings.Contains(err.Code, other):
		c.Errorf("%q with an unknown code: the error's Code is %q, and should be %q", f.Name, err.Code, other)
	}
	if s != nil && (len(s.Grants) > 0 || s.IPAllowlist.State != access.AllowlistUnknown) {
		c.Errorf("%q with an unknown code: the snapshot says something about the key", f.Name)
	}
	return true
}

// kindByStatus has the statuses that say enough without a code.
var kindByStatus = map[int]access.Kind{
	http.StatusTooManyRequests: access.KindRateLimited, http.StatusTeapot: access.KindBanned,
	http.StatusUnavailableForLegalReasons: access.KindGeoBlocked,
}

// unrecognised is a made-up code in the form of a real one.
func unrecognised(code string) string {
	switch {
	case code == "":
		return ""
	case strings.Trim(code, "-0123456789") == "":
		return "7654321"
	case code == strings.ToUpper(code):
		return "TELEPORT"
	default:
		return "teleport"
	}
}

// reworded replaces the code and the words in the body of a refusal, and reports
// whether it found them.
func reworded(body, code, otherCode, words string) (string, bool) {
	root := parseNode([]byte(body))
	if root == nil {
		return "", false
	}
	coded, worded := false, false
	var change func(n *node)
	change = func(n *node) {
		for _, m := range n.members {
			change(m.value)
		}
		for _, item := range n.items {
			change(item)
		}
		value := n.raw
		if n.kind == 's' {
			_ = json.Unmarshal([]byte(n.raw), &value)
		}
		switch isText := n.kind == 's'; {
		case code != "" && value == code && isText:
			*n, coded = *text(otherCode), true
		case code != "" && value == code && n.kind == 'n':
			n.raw, coded = otherCode, true
		case isText && strings.ContainsAny(strings.TrimSpace(value), " _"): // a sentence, or words_like_these
			*n, worded = *text(words), true
		}
	}
	change(root)
	if code != "" {
		return string(root.bytes()), coded
	}
	return string(root.bytes()), worded
}

func checkTransport(c *trial) {
	date := noon.Add(90 * time.Second).Format(http.TimeFormat)
	for name, test := range map[string]struct {
		fault Fault
		kind  access.Kind
		after time.Duration
	}{
		"a dropped connection":               {Fault{Drop: true}, access.KindUnavailable, 0},
		"an incomplete answer":               {Fault{Truncate: 20}, access.KindUnavailable, 0},
		"429 without Retry-After":            {Fault{Reply: RateLimited("")}, access.KindRateLimited, 0},
		"429 with Retry-After in seconds":    {Fault{Reply: RateLimited("7")}, access.KindRateLimited, 7 * time.Second},
		"429 with Retry-After as a date":     {Fault{Reply: RateLimited(date)}, access.KindRateLimited, 90 * time.Second},
		"429 with a Retry-After of nonsense": {Fault{Reply: RateLimited("soon")}, access.KindRateLimited, 0},
		"418":                                {Fault{Reply: &Reply{Status: http.StatusTeapot}}, access.KindBanned, 0},
		"500":                                {Fault{Reply: &Reply{Status: http.StatusInternalServerError}}, access.KindUnavailable, 0},
		"502":                                {Fault{Reply: HTML(http.StatusBadGateway)}, access.KindUnavailable, 0},
		"503":                                {Fault{Reply: &Reply{Status: http.StatusServiceUnavailable, Body: "{}"}}, access.KindUnavailable, 0},
		"504":                                {Fault{Reply: HTML(http.StatusGatewayTimeout)}, access.KindUnavailable, 0},
	} {
		test.fault.Times = -1
		b := c.bench(Spec{Faults: []Fault{test.fault}})
		s, err := b.inspect()
		switch {
		case err == nil:
			c.Errorf("%s gives a snapshot, and should be an error", name)
		case err.Kind != test.kind:
			c.Errorf("%s is read as %q, and should be %q (%v)", name, err.Kind, test.kind, err)
		case err.RetryAfter != test.after:
			c.Errorf("%s: the error's RetryAfter is %s, and should be %s", name, err.RetryAfter, test.after)
		case len(s.Grants) > 0:
			c.Errorf("%s: the snapshot grants or denies something", name)
		}
		c.compareAttempts(name, b, err)
	}
	c.bubble(func() {
		b := c.bench(Spec{Faults: []Fault{{Drop: true}, {Reply: RateLimited("3")}}})
		b.opts.Attempts = 3
		b.must("one dropped connection and one rate limit, with three attempts")
	})
}

// bubble runs f where time passes instantly.
func (c *trial) bubble(f func()) {
	c.t.Helper()
	synctest.Test(c.t, func(*testing.T) { f() })
}

// checkClock sets the adapter's clock wrong by an hour, at an exchange that checks
// the time.
func checkClock(c *trial) {
	if c.exchange.ClockWindow == 0 && !c.exchange.Needs.Nonce {
		return
	}
	for name, wrong := range map[string]time.Duration{"ahead": time.Hour, "behind": -time.Hour} {
		for _, dated := range []bool{true, false} {
			if !dated && c.exchange.ServerTime == nil {
				continue // nothing else has the exchange's time
			}
			b := c.bench(Spec{})
			b.opts.Clock = func() time.Time { return noon.Add(wrong) }
			b.wire.edit = func(r *sent, status int, header http.Header, body []byte) (int, []byte) {
				if !dated && b.fake.def.Public[r.route()] == nil {
					header.Del("Date")
				}
				return status, body
			}
			b.must(fmt.Sprintf("a clock an hour %s, refusals with a Date header: %v", name, dated))
			if n, most := len(b.wire.requests()), 2*len(c.exchange.Calls); n > most+1 {
				c.Errorf("a clock an hour %s: %d requests were sent", name, n)
			}
			if k := b.fake.keys[b.key.Credentials.Key]; c.exchange.Needs.Nonce && k.Nonce > uint64(noon.Add(time.Minute).UnixMilli()) {
				c.Errorf("a clock an hour %s: the nonce %d locks out the key's other clients", name, k.Nonce)
			}
		}
	}
}
