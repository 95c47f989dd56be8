package wazirx

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Allowlist:   "Documented and recommended; the exchange does not report it.",
	SubAccounts: "A transfer between the account and its sub-accounts needs the permission Sub account transfer, of a key of the main account.",
	Schemes:     "HMAC.",
	Source:      "WazirX's documentation",
	Checked:     "2026-11-30",
}
