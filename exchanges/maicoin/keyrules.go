package maicoin

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Allowlist:   "Documented and recommended; the exchange does not report it.",
	SubAccounts: "A header chooses one of the account's sub-accounts.",
	Schemes:     "HMAC.",
	Source:      "MAX's documentation",
	Checked:     "2026-11-30",
}
