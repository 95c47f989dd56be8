package ascendex

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Expiry:      "A key can have an expiry date, or none.",
	SubAccounts: "Sub-accounts exist (sub-users).",
	Schemes:     "HMAC only.",
	Source:      "ascendex-pro-api, the exchange's documentation (2025-10-29)",
	Checked:     "2026-11-22",
}
