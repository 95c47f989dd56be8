package bitmex

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Allowlist: "Optional; IP addresses or ranges.",
	Schemes:   "HMAC only.",
	Source:    "BitMEX's API documentation (2024-05)",
	Checked:   "2026-11-22",
}
