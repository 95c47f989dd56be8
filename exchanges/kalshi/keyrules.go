package kalshi

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Unbound:     "No key can be restricted to IP addresses.",
	Expiry:      "Keys do not expire.",
	Allowlist:   "There is none.",
	SubAccounts: "A key can be limited to one of up to 64 sub-accounts when it is created.",
	Schemes:     "RSA with 2,048 bits, and Ed25519. The exchange keeps the public half only.",
	Menu:        "Account & security > API Keys",
	Source:      "docs.kalshi.com, OpenAPI 3.34.0 (2026)",
	Checked:     "2026-11-30",
}
