package coinbaseexchange

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Allowlist:   "Optional; how many entries it can have is unknown.",
	SubAccounts: "A key belongs to one profile.",
	Schemes:     "HMAC only.",
	Source:      "docs.cdp.coinbase.com, Exchange pages",
	Checked:     "2026-11-22",
}
