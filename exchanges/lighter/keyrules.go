package lighter

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Allowlist:   "None: every key is usable from any IP address.",
	Pairs:       "None: a key can trade everything that the account can.",
	SubAccounts: "Exist, and have keys of their own.",
	Schemes: "Schnorr keys of 40 bytes, at up to 255 indexes of an account, each registered with a signature of the wallet that owns the " +
		"account. Read-only tokens, which last ten years at most, are made with a key.",
	Steps: map[adapter.Task]string{
		adapter.UseAgent: "On the API keys page, create a key at an index of its own, 4 or higher, with the account's wallet. Give the bot that key, the " +
			"account index and the key's index, and never the wallet's private key.",
		adapter.DeleteKey: "On the API keys page, create a new key at the same index with the account's wallet: it replaces the old one.",
	},
	Source:  "Lighter's API documentation and clients",
	Checked: "2026-11-29",
}
