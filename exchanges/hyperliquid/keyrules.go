package hyperliquid

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Expiry: "The key of an account's own wallet never expires. An agent lives until the end that was set when it was approved, " +
		"which may be 180 days ahead at most.",
	Allowlist:   "None: every key is usable from any IP address.",
	Pairs:       "None: an agent can trade everything that the account can.",
	SubAccounts: "Exist and have no keys of their own: agents of the main account trade for them.",
	Schemes:     "secp256k1 wallets only: the account's own, or one that it approved as an agent.",
	Steps: map[adapter.Task]string{
		adapter.UseAgent: "On the API page, name a new API wallet, generate it, set how long it is valid, and authorize it with " +
			"the account's wallet. Give the bot its private key and the wallet address of the account.",
		adapter.DeleteKey: "On the API page, authorize a new API wallet under the same name: it replaces the old one, and nothing else revokes an agent.",
	},
	Source:  "Hyperliquid's API documentation and clients",
	Checked: "2026-11-29",
}
