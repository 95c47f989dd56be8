package kraken

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Idle: "Kraken may disable it, or remove its right to trade, after several months without " +
		"use.",
	Expiry:    "A key can have an expiry date, set when it is created.",
	Allowlist: "Optional; IPv4 and IPv6 addresses and ranges.",
	Schemes:   "HMAC only.",
	Menu:      "Settings → API",
	Source: "docs.kraken.com; support.kraken.com, articles on API key security and on creating " +
		"keys on Kraken Pro",
	Checked: "2026-11-30",
}
