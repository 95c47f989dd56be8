package aster

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Expiry:    "Every agent has an end, which is set when it is approved.",
	Allowlist: "IP addresses or ranges. Required for agents that may withdraw, optional for others.",
	Schemes: "Agents only, which are secp256k1 wallets that the account approves. HMAC keys of version 1 still work, and none " +
		"have been created since 2026-03-25.",
	Steps: map[adapter.Task]string{
		adapter.UseAgent: "On the API wallets page, approve a new agent with the account's wallet: with the rights that the bot needs, its " +
			"IP addresses and an end. Give the bot the agent's private key and the account's wallet address.",
	},
	Source:  "Aster's API documentation (2026-06-30)",
	Checked: "2026-11-29",
}
