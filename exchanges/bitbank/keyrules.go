package bitbank

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Schemes: "HMAC.",
	Source:  "github.com/bitbankinc/bitbank-api-docs (2025-12-25)",
	Checked: "2026-11-30",
}
