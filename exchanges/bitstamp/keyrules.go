package bitstamp

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Allowlist: "Optional, set on the key's page.",
	Schemes:   "HMAC only.",
	Source:    "Bitstamp's API documentation and company blog (2013)",
	Checked:   "2026-11-22",
}
