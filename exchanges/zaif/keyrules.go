package zaif

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Schemes: "HMAC only.",
	Source:  "techbureau/zaifapi, the exchange's documentation",
	Checked: "2026-11-22",
}
