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
		"failures", "the owner acts on what a refusal is said to mean, so every documented one must be told as what it is",
		checkFailures,
	},
	{
		"undocumented", "a refusal that nobody documented is shown with its code and never explained away",
		checkUndocumented,
	},
	{
		"transport", "a broken connection or an overloaded exchange says nothing about the key",
		checkTransport,
	},
	{
		"clock", "a wrong clock is corrected once, by the exchange's, and never gets a key locked",
		checkClock,
	},
}

// failing inspects a key whose n-th verified request meets a documented
// refusal; n counts from 0.
func (c *trial) failing(name string, n int) (*bench, *access.Snapshot, *access.Error) {
	faults := make([]Fault, n, n+1)
	b := c.bench(Spec{Faults: append(faults, Fault{Failure: name, Times: -1})})
	s, err := b.inspect()
	return b, s, err
}

func checkFailures(c *trial) {
	if len(c.fresh().def.Failures) == 0 {
		c.Errorf("the fake documents no refusal")
	}
	for _, f := range c.fresh().def.Failures {
		for n := range c.signedRoutes() {
			b, s, err := c.failing(f.Name, n)
			if err == nil && n > 0 { // a call the adapter can do without
				if whole, _ := c.bench(Spec{}).inspect(); whole != nil {
					for _, text := range greener(whole, s) {
						c.Errorf("%q, at verified call %d: %s", f.Name, n+1, text)
					}
				}
				continue
			}
			c.compareFailure(fmt.Sprintf("%q, at verified call %d", f.Name, n+1), &f, s, err)
			c.compareAttempts(fmt.Sprintf("%q, at verified call %d", f.Name, n+1), b, err)
		}
	}
}

func (c *trial) compareFailure(what string, f *Failure, s *access.Snapshot, err *access.Error) {
	if err == nil {
		c.Errorf("%s: it makes a snapshot", what)
		return
	}
	if err.Kind != f.Kind {
		c.Errorf("%s: it is read as %q and should be %q (%v)", what, err.Kind, f.Kind, err)
	}
	if got, want := slices.Sorted(slices.Values(err.Candidates)), slices.Sorted(slices.Values(f.Candidates)); !slices.Equal(got, want) {
		c.Errorf("%s: the candidates are %v and should be %v", what, err.Candidates, f.Candidates)
	}
	if want := max(f.Status, http.StatusOK); err.Status != want {
		c.Errorf("%s: the HTTP status is told as %d and should be %d", what, err.Status, want)
	}
	if s == nil || s.Failure == nil || len(s.Grants) > 0 {
		c.Errorf("%s: the snapshot holds more than the failure", what)
	}
}

// compareAttempts demands that a call isn't repeated after a failure, unless
// the core does so once with a better clock.
func (c *trial) compareAttempts(what string, b *bench, err *access.Error) {
	times, most := map[string]int{}, 1
	if err != nil && err.Kind == access.KindClockSkew {
		most = 2
	}
	for _, r := range b.wire.requests() {
		if times[r.route()]++; times[r.route()] == most+1 {
			c.Errorf("%s: %s was sent %d times; an adapter must not ask again by itself", what, r.route(), times[r.route()])
		}
	}
}

// checkUndocumented takes members out of each refusal, and replaces its code
// and its words by ones that nobody knows.
func checkUndocumented(c *trial) {
	replaced := 0
	for _, f := range c.fresh().def.Failures {
		_, _, known := c.failing(f.Name, 0)
		if known == nil {
			continue // failures says so
		}
		code := strange(known.Code)
		filled := (&Call{Now: noon, IP: netip.MustParseAddr(caller)}).Fill(f.Reply)
		for path, body := range variants([]byte(filled.Body), missing) {
			half := Reply{Status: f.Status, Header: f.Header, Body: string(body)}
			if _, err := c.bench(Spec{Faults: []Fault{{Times: -1, Reply: &half}}}).inspect(); err == nil {
				c.Errorf("%q without the member %s makes a snapshot", f.Name, path)
			}
		}
		body, ok := reworded(filled.Body, known.Code, code, "teleport was denied")
		if !ok {
			continue
		}
		replaced++
		b := c.bench(Spec{Faults: []Fault{{Times: -1, Reply: &Reply{Status: f.Status, Header: f.Header, Body: body}}}})
		s, err := b.inspect()
		switch {
		case err == nil:
			c.Errorf("%q with an unknown code makes a snapshot", f.Name)
			continue
		case err.Kind != access.KindNotUnderstood && err.Kind != kindOfStatus[f.Status] && f.Status < 500:
			c.Errorf("%q with an unknown code is read as %q", f.Name, err.Kind)
		case known.Code != "" && !strings.Contains(err.Code, code):
			c.Errorf("%q with an unknown code: the code is told as %q and should be %q", f.Name, err.Code, code)
		}
		if s != nil && (len(s.Grants) > 0 || s.IPAllowlist.State != access.AllowlistUnknown) {
			c.Errorf("%q with an unknown code is taken as telling something about the key", f.Name)
		}
	}
	if replaced == 0 {
		c.Errorf("no refusal has a code or words that the adapter shows")
	}
}

// kindOfStatus are statuses that say enough without a code.
var kindOfStatus = map[int]access.Kind{
	http.StatusTooManyRequests: access.KindRateLimited, http.StatusTeapot: access.KindBanned,
	http.StatusUnavailableForLegalReasons: access.KindGeoBlocked,
}

// strange is a code that nobody knows, in the form of another.
func strange(code string) string {
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

// reworded puts another code, and other words, into the body of a refusal, and
// tells whether it found a place for them.
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
		case isText && len(strings.Fields(value)) > 1:
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
		kinds []access.Kind
		after time.Duration
	}{
		"a dropped connection":               {Fault{Drop: true}, []access.Kind{access.KindUnavailable}, 0},
		"an answer that breaks off":          {Fault{Truncate: 20}, []access.Kind{access.KindUnavailable}, 0},
		"429 without Retry-After":            {Fault{Reply: RateLimited("")}, []access.Kind{access.KindRateLimited}, 0},
		"429 with Retry-After in seconds":    {Fault{Reply: RateLimited("7")}, []access.Kind{access.KindRateLimited}, 7 * time.Second},
		"429 with Retry-After as a date":     {Fault{Reply: RateLimited(date)}, []access.Kind{access.KindRateLimited}, 90 * time.Second},
		"429 with a Retry-After of nonsense": {Fault{Reply: RateLimited("soon")}, []access.Kind{access.KindRateLimited}, 0},
		"418":                                {Fault{Reply: &Reply{Status: http.StatusTeapot}}, []access.Kind{access.KindBanned}, 0},
		"500":                                {Fault{Reply: &Reply{Status: http.StatusInternalServerError}}, []access.Kind{access.KindUnavailable}, 0},
		"502":                                {Fault{Reply: HTML(http.StatusBadGateway)}, []access.Kind{access.KindUnavailable}, 0},
		"503":                                {Fault{Reply: &Reply{Status: http.StatusServiceUnavailable, Body: "{}"}}, []access.Kind{access.KindUnavailable}, 0},
		"504":                                {Fault{Reply: HTML(http.StatusGatewayTimeout)}, []access.Kind{access.KindUnavailable}, 0},
	} {
		test.fault.Times = -1
		b := c.bench(Spec{Faults: []Fault{test.fault}})
		s, err := b.inspect()
		switch {
		case err == nil:
			c.Errorf("%s makes a snapshot", name)
		case !slices.Contains(test.kinds, err.Kind):
			c.Errorf("%s is read as %q and should be %q (%v)", name, err.Kind, test.kinds, err)
		case err.RetryAfter != test.after:
			c.Errorf("%s: Retry-After is told as %s and should be %s", name, err.RetryAfter, test.after)
		case len(s.Grants) > 0:
			c.Errorf("%s: the snapshot grants or denies something", name)
		}
		c.compareAttempts(name, b, err)
	}
	c.bubble(func() {
		b := c.bench(Spec{Faults: []Fault{{Drop: true}, {Reply: RateLimited("3")}}})
		b.opts.Attempts = 3
		b.must("a connection dropped once and a rate limit met once, with three attempts")
	})
}

// bubble runs f where time passes at once.
func (c *trial) bubble(f func()) {
	c.t.Helper()
	synctest.Test(c.t, func(*testing.T) { f() })
}

// checkClock lets the adapter's clock be wrong by an hour, at an exchange that
// cares.
func checkClock(c *trial) {
	if c.exchange.ClockWindow == 0 && !c.exchange.Needs.Nonce {
		return
	}
	for name, wrong := range map[string]time.Duration{"ahead": time.Hour, "behind": -time.Hour} {
		for _, dated := range []bool{true, false} {
			if !dated && c.exchange.ServerTime == nil {
				continue // nothing else tells the exchange's time
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
			if k := b.fake.keys[b.key.Credentials.Key]; k.Nonce > uint64(noon.Add(time.Minute).UnixMilli()) {
				c.Errorf("a clock an hour %s: the nonce %d locks the key's other clients out", name, k.Nonce)
			}
		}
	}
}
