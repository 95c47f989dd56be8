package bitkub

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Allowlist: "Exists; the exchange does not report it.",
	Schemes:   "HMAC.",
	Source:    "github.com/bitkub/bitkub-official-api-docs (2026-05-11)",
	Checked:   "2026-11-30",
}
