package coinspot

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Schemes: "HMAC.",
	Source:  "coinspot.com.au/v2/api",
	Checked: "2026-11-22",
}
