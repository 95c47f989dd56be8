package blofin

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Unbound:     "Expires after 90 days.",
	Allowlist:   "Up to 20 IP addresses.",
	SubAccounts: "Sub-accounts exist and have keys of their own.",
	Schemes:     "HMAC.",
	Source:      "blofin-api-docs, the exchange's documentation (2026-03-21)",
	Checked:     "2026-11-22",
}
