package exchangetest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

var wordProperties = []property{
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
