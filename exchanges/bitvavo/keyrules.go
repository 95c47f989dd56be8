package bitvavo

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Allowlist: "Optional.",
	Schemes:   "HMAC.",
	Source:    "docs.bitvavo.com",
	Checked:   "2026-11-22",
}
