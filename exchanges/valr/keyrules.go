package valr

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Allowlist:   "Optional.",
	SubAccounts: "Sub-accounts have keys of their own. A key of the main account can act for each of them.",
	Schemes:     "HMAC.",
	Source:      "VALR's API documentation for agents (public copies, 2026)",
	Checked:     "2026-11-29",
}
