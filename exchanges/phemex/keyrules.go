package phemex

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Allowlist:   "A key can be restricted to IP addresses.",
	SubAccounts: "Sub-accounts exist.",
	Schemes:     "HMAC.",
	Source:      "phemex-api-docs, the exchange's documentation (2024-06)",
	Checked:     "2026-11-22",
}
