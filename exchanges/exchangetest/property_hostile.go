package exchangetest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

var hostileProperties = []property{
	{
		"missing-field", "a missing field says nothing: read as no, it would show a dangerous key as safe",
		checkMissingField,
	},
	{
		"duplicate-field", "which of two members with the same name counts is unknown",
		checkDuplicateField,
	},
	{
		"wrong-type", "an answer that is not as documented must not be guessed at",
		checkWrongType,
	},
	{
		"unknown-state", "a state of the key that this version does not know may be a bad one: it must not pass as active",
		checkUnknownState,
	},
	{
		"incomplete", "an answer that cannot be all there is to say about a key must not deny what it leaves out",
		checkIncomplete,
	},
	{
		"allowlist-parts", "where an IP allowlist has two parts, the one that is missing may be the one that allows everybody",
		checkAllowlistParts,
	},
	{
		"spelling", "5.0 is 5: a number in another spelling is the same or not understood, and never less",
		checkSpelling,
	},
	{
		"forgetting", "a fact that is missing or unreadable may be the worst one: no verdict may get better by it",
		checkForgetting,
	},
	{
		"truncated", "an incomplete answer must not pass as a complete one",
		checkTruncated,
	},
	{
		"garbage", "proxies, maintenance pages and attackers may answer instead of the exchange: none of that says anything about the key",
		checkGarbage,
	},
}

// greener lists what a snapshot of a spoiled answer shows as safer than one of
// the whole answer.
func greener(whole, spoiled *access.Snapshot) []string {
	var out []string
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	for _, g := range spoiled.Grants {
		if was := whole.Grant(g.Capability).State; g.State == access.Denied && was != access.Denied {
			say("%s becomes denied; it was %s", g.Capability, was)
		}
	}
	restricted := func(s *access.Snapshot) bool {
		return s.IPAllowlist.State == access.AllowlistRestricted || s.IPAllowlist.State == access.AllowlistDenyAll
	}
	if restricted(spoiled) && !restricted(whole) {
		say("the allowlist becomes %s; it was %s", spoiled.IPAllowlist.State, whole.IPAllowlist.State)
	}
	if kind := spoiled.Account.Kind; kind != access.AccountUnknown && kind != whole.Account.Kind {
		say("the account becomes %s; it was %s", kind, whole.Account.Kind)
	}
	for name, times := range map[string][2]time.Time{
		"Created": {whole.Created, spoiled.Created}, "Changed": {whole.Changed, spoiled.Changed},
		"Expires": {whole.Expires, spoiled.Expires}, "LastUsed": {whole.LastUsed, spoiled.LastUsed},
	} {
		if was, is := times[0], times[1]; !is.IsZero() && !is.Equal(was) {
			say("%s becomes %s; it was %s", name, dated(is), dated(was))
		}
	}
	return append(out, greenerList(whole, spoiled)...)
}

// greenerList is the same for the other keys that are listed. Without any, the rule goes by
// whether the exchange always lists them.
func greenerList(whole, spoiled *access.Snapshot) (out []string) {
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if n := len(spoiled.Siblings); n < len(whole.Siblings) && !spoiled.ListsPart && (n > 0 || spoiled.Lists) {
		say("other keys are lost: %d of %d are left", n, len(whole.Siblings))
	}
	for _, sibling := range spoiled.Siblings {
		i := slices.IndexFunc(whole.Siblings, func(s *access.Snapshot) bool { return s.KeyID == sibling.KeyID })
		if i >= 0 {
			for _, text := range greener(whole.Siblings[i], sibling) {
				say("of the other key %s, %s", sibling.KeyID, text)
			}
		}
	}
	return out
}

// spoil serves each answer with every change in turn, and demands an error, or a
// snapshot in which judge finds nothing wrong.
func (c *trial) spoil(change func(member) [][]member, judge func(whole, spoiled *access.Snapshot) []string) {
	for _, a := range c.answers() {
		whole := c.served(a, a.body)
		if whole == nil {
			c.Errorf("%s: the unchanged answer is not understood", a.name)
			continue
		}
		for path, body := range variants(a.body, change) {
			if spoiled := c.served(a, body); spoiled != nil {
				for _, text := range judge(whole, spoiled) {
					c.Errorf("%s, member %s: %s", a.name, path, text)
				}
			}
		}
	}
}

// served is what the adapter makes of an answer with this body. Nil means an
// error, which must say nothing about the key: the exchange accepted it.
func (c *trial) served(a answer, body []byte) *access.Snapshot {
	s, err := a.bench(c, body).inspect()
	if err == nil {
		return s
	}
	if slices.Contains(aboutTheKey, err.Kind) {
		c.Errorf("%s, changed, is read as %q", a.name, err.Kind)
	}
	return nil
}

func checkMissingField(c *trial) { c.spoil(missing, greener) }

func checkDuplicateField(c *trial) {
	c.spoil(duplicated, func(whole, spoiled *access.Snapshot) []string {
		out := greener(whole, spoiled)
		for _, name := range whole.Unmapped {
			if !slices.Contains(spoiled.Unmapped, name) {
				out = append(out, "the unknown permission "+name+" is lost")
			}
		}
		return out
	})
}

func checkWrongType(c *trial) { c.spoil(retyped, greener) }

func checkTruncated(c *trial) {
	public := c.fresh().def.Public
	for _, a := range c.answers() {
		if public[a.route] != nil {
			continue // it says nothing about the key; the adapter may use its Date header only
		}
		for n := 64; n < len(a.body); n += 64 {
			if c.served(a, a.body[:n]) != nil {
				c.Errorf("%s: the first %d bytes alone give a snapshot", a.name, n)
			}
		}
	}
}

// garbage is what anything between the audit and the exchange may answer.
func garbage() map[string]Reply {
	out := map[string]Reply{
		"nothing":                 {},
		"null":                    {Body: "null"},
		"an empty list":           {Body: "[]"},
		"a list of null":          {Body: "[null]"},
		"a number":                {Body: "7"},
		"a text":                  {Body: `"text"`},
		"plain text":              {Body: "service is being upgraded"},
		"two objects":             {Body: "{}{}"},
		"deep lists":              {Body: strings.Repeat("[", 100_000)},
		"deep objects":            {Body: strings.Repeat(`{"a":`, 100_000)},
		"closed deep lists":       {Body: strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)},
		"2 MB of spaces":          {Body: strings.Repeat(" ", 2<<20)},
		"2 MB of JSON":            {Body: `{"a":"` + strings.Repeat("a", 2<<20) + `"}`},
		"bytes that are not text": {Body: "\xff\xfe\x00{"},
		"nothing, status 204":     {Status: http.StatusNoContent},
	}
	for _, status := range []int{http.StatusOK, http.StatusForbidden, http.StatusBadGateway} {
		out[fmt.Sprintf("HTML, status %d", status)] = *HTML(status)
	}
	return out
}

// aboutTheKey are the failures that say something about the key, which only
// the exchange itself can know.
var aboutTheKey = []access.Kind{
	access.KindBadKey, access.KindBadSignature, access.KindIPNotAllowed, access.KindExpired, access.KindDisabled, access.KindNonce,
	access.KindSecondFactor, access.KindWrongEnvironment,
}

func checkGarbage(c *trial) {
	for name, reply := range garbage() {
		for _, route := range c.signedRoutes() {
			b := c.bench(Spec{})
			b.wire.edit = func(r *sent, status int, _ http.Header, body []byte) (int, []byte) {
				if r.route() == route {
					return max(reply.Status, http.StatusOK), []byte(reply.Body)
				}
				return status, body
			}
			s, err := b.inspect()
			c.checkReply(name+" instead of the answer of "+route, c.needs(route), reply.Status, s, err)
		}
	}
	// An empty object has no documented envelope, and no field either.
	s, err := c.bench(Spec{Answer: []byte("{}")}).inspect()
	if err == nil {
		for _, text := range greener(&access.Snapshot{Answer: access.Answer{Grants: absent(c.exchange)}}, s) {
			c.Errorf("an object without members: %s", text)
		}
	}
}

// checkReply is what must come of an answer that is none.
func (c *trial) checkReply(what string, needed bool, status int, s *access.Snapshot, err *access.Error) {
	switch {
	case err == nil && needed:
		c.Errorf("%s gives a snapshot", what)
	case err == nil:
		if whole, _ := c.bench(Spec{}).inspect(); whole != nil {
			for _, text := range greener(whole, s) {
				c.Errorf("%s: %s", what, text)
			}
		}
	case slices.Contains(aboutTheKey, err.Kind):
		c.Errorf("%s is read as %q", what, err.Kind)
	case status == http.StatusBadGateway && err.Kind != access.KindUnavailable:
		c.Errorf("%s is read as %q, and should be unavailable", what, err.Kind)
	case err.Kind == access.KindNotUnderstood && err.Message == "":
		c.Errorf("%s is not understood, and nothing says why", what)
	}
}

// signedRoutes lists the calls that need a key, as a plain inspection makes them.
func (c *trial) signedRoutes() []string {
	b := c.bench(Spec{})
	var out []string
	for _, r := range b.sends() {
		if b.fake.def.Routes[r.route()] != nil && !slices.Contains(out, r.route()) {
			out = append(out, r.route())
		}
	}
	if len(out) == 0 {
		c.Errorf("the adapter makes no call that needs a key")
	}
	return out
}

// needs reports whether an inspection fails without the answer of this route.
func (c *trial) needs(route string) bool {
	b := c.bench(Spec{})
	b.wire.edit = func(r *sent, status int, _ http.Header, body []byte) (int, []byte) {
		if r.route() == route {
			return http.StatusInternalServerError, nil
		}
		return status, body
	}
	_, err := b.inspect()
	return err != nil
}

func absent(e *adapter.Exchange) []access.Grant {
	var out []access.Grant
	for _, capability := range e.Coverage.Absent {
		out = append(out, access.Grant{Capability: capability, State: access.Denied, Evidence: access.Documented})
	}
	return out
}
