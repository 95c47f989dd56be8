package toobit

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Unbound:     "Expires after 90 days.",
	Expiry:      "Keys with an IP allowlist do not expire.",
	Allowlist:   "At most 15 entries.",
	SubAccounts: "Sub-accounts exist and have keys of their own.",
	Schemes:     "HMAC.",
	Source:      "Toobit's API documentation and API FAQ",
	Checked:     "2026-11-22",
}
