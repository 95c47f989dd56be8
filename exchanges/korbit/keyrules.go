package korbit

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Expiry:      "One year from its creation.",
	Allowlist:   "Up to 20 IP addresses.",
	SubAccounts: "Sub-accounts exist; a key can be limited to some of them.",
	Schemes:     "HMAC and Ed25519, which is safer: the exchange never has the private half.",
	Source:      "docs.korbit.co.kr and korbit-cli, the exchange's client (2026)",
	Checked:     "2026-11-22",
}
