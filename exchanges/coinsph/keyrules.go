package coinsph

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Unbound:     "Refused: a key works only after its IP allowlist has been set.",
	Allowlist:   "Required.",
	SubAccounts: "Sub-accounts exist, up to 30.",
	Schemes:     "HMAC only.",
	Source:      "Coins.ph's REST documentation (2025-10-31)",
	Checked:     "2026-11-22",
}
