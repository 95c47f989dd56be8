package coinbaseprime

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	SubAccounts: "A key is created for a portfolio, an entity or a whole organisation.",
	Schemes:     "HMAC only.",
	Source:      "docs.cdp.coinbase.com, Prime pages; prime-sdk-go 0.7.0 (2026-05-11)",
	Checked:     "2026-11-22",
}
