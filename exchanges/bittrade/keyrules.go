package bittrade

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Unbound: "Unknown. At HTX, whose API this is, such a key expires after 90 days.",
	Schemes: "HMAC.",
	Source:  "HTX's API documentation (2021-06)",
	Checked: "2026-11-22",
}
