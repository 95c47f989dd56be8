package orderly

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Expiry:      "Every key has an end, which is set when it is added: 365 days ahead at most.",
	Allowlist:   "IP addresses or ranges, set and removed by an API call. Optional.",
	SubAccounts: "Exist. Keys of the main account manage them.",
	Schemes:     "Ed25519 only. A key is added to an account with a signature of the wallet that owns the account.",
	Steps: map[adapter.Task]string{
		adapter.UseAgent: "On the API keys page of the site on which the account was opened, create a key with the rights that the bot " +
			"needs, and IP addresses. Give the bot that key and the account id, and never the wallet's private key.",
	},
	Source:  "Orderly's API documentation (2026-08)",
	Checked: "2026-11-29",
}
