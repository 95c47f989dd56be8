package mexc

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Unbound:     "Expires after 90 days.",
	Expiry:      "Keys with an IP allowlist are permanent.",
	Allowlist:   "10 to 20 entries: the exchange's pages disagree.",
	Pairs:       "A key can be limited to some trading pairs, which the audit's call does not report.",
	SubAccounts: "Sub-accounts exist, up to 30, and have keys of their own.",
	Schemes:     "HMAC only.",
	Source:      "MEXC's API documentation and FAQ (2026)",
	Checked:     "2026-11-22",
}
