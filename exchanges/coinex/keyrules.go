package coinex

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Unbound:     "Expires after 90 days.",
	Expiry:      "Keys with an IP allowlist never expire.",
	Allowlist:   "Up to 50 public IPv4 or IPv6 addresses.",
	SubAccounts: "Sub-accounts exist and have keys of their own, up to 50 each.",
	Schemes:     "HMAC.",
	Menu:        "Account → API Management",
	Steps: map[adapter.Task]string{
		adapter.SetAllowlist: "For a new key: Account → API Management → Create API, field " +
			"Applicable IP address, one per line.",
	},
	Source:  "docs.coinex.com; support.coinex.com, article 900004316323",
	Checked: "2026-11-30",
}
