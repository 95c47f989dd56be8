package deribit

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Allowlist:   "Optional; whether it can hold ranges is unknown.",
	SubAccounts: "Sub-accounts exist and have keys of their own, up to 8 for each account.",
	Schemes:     "HMAC (Deribit-generated), Ed25519 or RSA (self-generated).",
	Menu:        "Account panel → API",
	Steps: map[adapter.Task]string{
		adapter.SetAllowlist: "Account panel → API: the key's field IP Whitelisting.",
		adapter.UseAsymmetric: "Account panel → API → Add new key → Self-generated key, then give the " +
			"exchange the public half of an Ed25519 or RSA pair.",
	},
	Source:  "docs.deribit.com, articles creating-api-key and asymmetric-api-keys",
	Checked: "2026-11-30",
}
