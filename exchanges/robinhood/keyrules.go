package robinhood

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Schemes: "Ed25519. The exchange never has the private half. What a key may do is chosen when it is created.",
	Source:  "docs.robinhood.com/crypto/trading (OpenAPI, 2026-07-20)",
	Checked: "2026-11-30",
}
