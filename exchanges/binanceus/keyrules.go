package binanceus

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Schemes: "HMAC; no other kind is documented. A key is for the exchange, for custody or for " +
		"credit lines, chosen when it is created.",
	Source:  "docs.binance.us",
	Checked: "2026-11-22",
}
