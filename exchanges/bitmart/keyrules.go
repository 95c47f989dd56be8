package bitmart

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Allowlist:   "Optional.",
	SubAccounts: "Sub-accounts exist and have keys of their own, which can only read by default.",
	Schemes:     "HMAC.",
	Source:      "developer-pro.bitmart.com (2025-11)",
	Checked:     "2026-11-22",
}
