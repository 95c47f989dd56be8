package kucoin

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Unbound: "Loses its right to trade, or is deleted, after 30 days without use, if it can " +
		"trade. A key with General only never expires.",
	Idle:   adapter.OnlyUnbound,
	Expiry: "A sub-account's key can be created for 30, 90, 180 or 360 days, or without end.",
	Allowlist: "Up to 20 IP addresses. The rights to withdraw and to transfer require an IP " +
		"allowlist.",
	SubAccounts: "Sub-accounts exist and have keys of their own.",
	Schemes:     "HMAC only.",
	Menu:        "Avatar → API Management",
	Source:      "KuCoin's support articles 360015102174 and 900006465403 and its API documentation",
	Checked:     "2026-11-30",
}
