package xt

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Allowlist:   "Optional; IP addresses or ranges, separated by commas.",
	SubAccounts: "Sub-accounts exist.",
	Schemes:     "HMAC.",
	Source:      "XT.COM's API documentation (2023) and support article",
	Checked:     "2026-11-22",
}
