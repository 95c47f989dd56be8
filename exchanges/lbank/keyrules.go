package lbank

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Unbound: "Expires after 30 days.",
	Allowlist: "At most four entries, according to the exchange's help pages. The right to withdraw " +
		"requires an IP allowlist. According to a third party's guide, spot and futures have " +
		"separate IP allowlists, of which the audit's call would report one: check both.",
	Schemes: "HMAC and RSA.",
	Menu:    "Account → API Management",
	Source: "LBank's API documentation (2026-07-13) and support article 21534735816217; a third " +
		"party's guide",
	Checked: "2026-11-22",
}
