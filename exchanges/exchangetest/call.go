package exchangetest

import (
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Call is one request that a fake is answering.
type Call struct {
	// Request is the request as it arrived, its body read. Its Host is one of
	// the exchange's hosts, also when the request came to a loopback address.
	*http.Request
	// Body is the whole body of the request.
	Body []byte
	// Now is the time by the exchange's clock.
	Now time.Time
	// Key is the key that asks; nil if there is no such key.
	Key *Issued
	// IP is the IP address that the request seems to come from.
	IP netip.Addr

	fake *Fake
}

// Reply is an answer of the exchange.
type Reply struct {
	Status int // 200 if zero
	Header map[string]string
	Body   string
}

// Seen is a request that the exchange received.
type Seen struct{ Method, Host, Path, KeyID string }

// Refuse gives the refusal of that name from [Definition.Failures]. One that a
// Fail constant names and the exchange does not document is that of an unknown
// key; any other is a mistake in the test and is answered with status 501.
func (c *Call) Refuse(name string) *Reply {
	names := []string{name}
	if slices.Contains(commonFailures, name) {
		names = append(names, FailUnknownKey)
	}
	for _, want := range names {
		for _, f := range c.fake.def.Failures {
			if f.Name == want {
				reply := c.Fill(f.Reply)
				return &reply
			}
		}
	}
	return &Reply{
		Status: http.StatusNotImplemented,
		Body:   "exchangetest: the fake of " + c.fake.def.Name + " has no failure named " + strconv.Quote(name),
	}
}

// Fill completes the body of a reply: {ip} becomes the IP address that the
// request came from, and {ms} the exchange's time in Unix milliseconds.
func (c *Call) Fill(r Reply) Reply {
	r.Body = strings.NewReplacer("{ip}", c.IP.String(), "{ms}", strconv.FormatInt(c.Now.UnixMilli(), 10)).Replace(r.Body)
	return r
}

// Keys lists the keys of the exchange that belong, in the order in which they
// were issued, for an exchange that lists the keys of an account.
func (c *Call) Keys(belongs func(*Issued) bool) []*Issued {
	var out []*Issued
	for _, k := range c.fake.keys {
		if belongs(k) {
			out = append(out, k)
		}
	}
	slices.SortFunc(out, func(a, b *Issued) int { return a.Serial - b.Serial })
	return out
}
