package woox

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Allowlist:   "Optional. The exchange does not report that a key has none: check the key's page.",
	SubAccounts: "Sub-accounts exist.",
	Schemes:     "HMAC.",
	Source:      "developer.woox.io",
	Checked:     "2026-11-22",
}
