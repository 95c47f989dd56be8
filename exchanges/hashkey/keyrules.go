package hashkey

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Allowlist:   "Exists; the exchange does not report it.",
	SubAccounts: "Sub-accounts exist.",
	Schemes:     "HMAC.",
	Source:      "HashKey's list of errors, as an independent client has it",
	Checked:     "2026-11-30",
}
