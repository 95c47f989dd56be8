package binance

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Unbound: "The right to trade spot and margin lasts 30 days (2021). According to public notes " +
		"of 2026, the key's page says that a key with more than reading will be deleted; " +
		"when, is unknown.",
	Idle: "According to the press (2022-12), keys without an IP allowlist are removed after 30 " +
		"days without use.",
	Allowlist: "Up to 30 entries, according to the pages about third-party apps. The right to " +
		"withdraw requires an IP allowlist.",
	Pairs: "A key can be limited to up to 30 spot and margin pairs, which the exchange does not " +
		"report.",
	SubAccounts: "Sub-accounts exist and have keys of their own.",
	Schemes:     "HMAC (called deprecated), Ed25519 (recommended), RSA of 2048 to 4096 bits.",
	Menu:        "Profile → API Management",
	Steps: map[adapter.Task]string{
		adapter.UseAsymmetric: "Profile → API Management → Create API, choose the self-generated kind " +
			"and paste the public half of an Ed25519 or RSA pair.",
	},
	Source: "Binance's API documentation and announcements, public notes on the key's page " +
		"(2026) and the press (2022-12); its FAQ on Ed25519 keys",
	Checked: "2026-11-30",
}
