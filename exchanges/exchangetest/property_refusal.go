package exchangetest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

var refusalProperties = []property{
	{
		"network", "the network in front of an exchange refuses places and providers before every call, and says nothing about the key",
		checkNetwork,
	},
	{
		"plain-words", "a refusal that says in words what is wrong is understood, with whatever code: no advice fits a refusal that isn't",
		checkPlainWords,
	},
}

// plainRefusals are messages that mean the same at every exchange, and the kind that
// each must be, or have among its candidates.
var plainRefusals = []struct {
	text string
	kind access.Kind
}{
	{"Missing required scopes", access.KindForbidden},
	{"You have no permission for this call", access.KindForbidden},
	{"Service unavailable from a restricted location", access.KindGeoBlocked},
	{"This is not available in your country", access.KindGeoBlocked},
	{"Two-factor authentication is required", access.KindSecondFactor},
	{"Permission denied, your IP " + caller + " is not in the whitelist", access.KindIPNotAllowed},
	{"The IP " + caller + " is forbidden", access.KindIPNotAllowed},
}

// checkPlainWords replaces the code of each refusal by a made-up one, and its words by
// plain ones. An IP address in words of nobody's table proves no allowlist.
func checkPlainWords(c *trial) {
	for _, f := range c.fresh().def.Failures {
		_, _, known := c.failing(f.Name, 0)
		if known == nil || f.Status >= http.StatusInternalServerError || kindByStatus[f.Status] != 0 {
			continue
		}
		for _, plain := range plainRefusals {
			body, ok := reworded(f.Body, known.Code, unrecognised(known.Code), plain.text)
			if !ok || !strings.Contains(body, plain.text) {
				continue
			}
			s, err := c.refusing(f, body).inspect()
			what := fmt.Sprintf("%q with the words %q", f.Name, plain.text)
			switch {
			case err == nil:
				c.Errorf("%s gives a snapshot, and should be an error", what)
			case err.Kind != plain.kind && !slices.Contains(err.Candidates, plain.kind):
				c.Errorf("%s is read as %q %v, and should be %q", what, err.Kind, err.Candidates, plain.kind)
			case plain.kind == access.KindIPNotAllowed && err.Address.String() != caller:
				c.Errorf("%s: the IP address that the exchange saw is lost", what)
			case s != nil && s.IPAllowlist.State != access.AllowlistUnknown:
				c.Errorf("%s proves an IP allowlist", what)
			}
		}
	}
}

// networkRefusals are answers of the networks in front of exchanges: of their
// firewalls, for browsers and for programs.
var networkRefusals = map[string]struct {
	Reply
	geo bool // they name the country
}{
	"a page":             {Reply{Status: 403, Body: "<!DOCTYPE html><html><title>Attention Required! | Cloudflare</title></html>"}, false},
	"a challenge":        {Reply{Status: 503, Body: "<!DOCTYPE html><html><title>Just a moment...</title></html>"}, false},
	"a page of XML":      {Reply{Status: 403, Body: "<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>"}, false},
	"one line":           {Reply{Status: 403, Body: "error code: 1020"}, false},
	"JSON":               {Reply{Status: 403, Body: `{"cloudflare":"block"}`}, false},
	"a page, country":    {Reply{Status: 403, Body: "<html>The distribution is configured to block access from your country.</html>"}, true},
	"one line, country":  {Reply{Status: 403, Body: "error code: 1009"}, true},
	"a page, by the law": {Reply{Status: 451, Body: "<html>Unavailable</html>"}, true},
}

// checkNetwork puts each of them in the place of each answer, that of the exchange's
// time included. None is asked for twice: that would prolong a ban.
func checkNetwork(c *trial) {
	var routes []string
	for _, r := range c.bench(Spec{}).sends() {
		if !slices.Contains(routes, r.route()) {
			routes = append(routes, r.route())
		}
	}
	for name, reply := range networkRefusals {
		for _, route := range routes {
			b := c.bench(Spec{})
			b.opts.Attempts = 3
			b.wire.edit = func(r *sent, status int, _ http.Header, body []byte) (int, []byte) {
				if r.route() == route {
					return reply.Status, []byte(reply.Body)
				}
				return status, body
			}
			_, err := b.inspect()
			what := fmt.Sprintf("%s of a network instead of the answer of %s", name, route)
			if err == nil {
				if c.needs(route) {
					c.Errorf("%s gives a snapshot", what)
				}
				continue
			}
			c.compareAttempts(what, b, err)
			switch place := slices.Contains(err.Candidates, access.KindBanned) && slices.Contains(err.Candidates, access.KindGeoBlocked); {
			case reply.geo && err.Kind != access.KindGeoBlocked:
				c.Errorf("%s is read as %q, and should be geo-blocked", what, err.Kind)
			case !reply.geo && !place:
				c.Errorf("%s is read as %q %v, and may be banned or geo-blocked", what, err.Kind, err.Candidates)
			}
		}
	}
}
