package bitget

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Allowlist: "Up to 30 IPv4 addresses, documented for keys of sub-accounts. Withdrawals by API " +
		"are accepted from an IP allowlist only.",
	SubAccounts: "Sub-accounts exist and have keys of their own.",
	Schemes:     "HMAC, or RSA of 2048 or 4096 bits.",
	Menu:        "Profile icon → API",
	Steps: map[adapter.Task]string{
		adapter.UseSubAccount: "Profile icon → API: select the sub-account in the list on the left, " +
			"then Create API.",
		adapter.UseAsymmetric: "Profile icon → API → Create API → User-generated API Keys, then paste " +
			"the public half of an RSA pair.",
	},
	Source:  "Bitget's API documentation; support article 12560603795900 (2023-08)",
	Checked: "2026-11-30",
}
