package whitebit

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Allowlist:   "Optional; up to 50 IP addresses, set on the key's page.",
	SubAccounts: "Sub-accounts exist and have keys of their own.",
	Schemes:     "HMAC.",
	Source:      "WhiteBIT's API documentation (2026-01-08)",
	Checked:     "2026-11-22",
}
