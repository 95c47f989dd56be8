package indodax

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Schemes: "HMAC.",
	Source:  "github.com/btcid/indodax-official-api-docs (2026-04-14)",
	Checked: "2026-11-30",
}
