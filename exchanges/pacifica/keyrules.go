package pacifica

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Allowlist:   "IP addresses or ranges of an agent, and a switch that turns the list on and off.",
	Pairs:       "None: an agent can trade everything that the account can.",
	SubAccounts: "Exist.",
	Schemes: "Ed25519 keys of Solana's form only: the account's own, or one that it bound as an agent. API keys, which begin " +
		"requests in the header PF-API-KEY, raise rate limits and authorise nothing.",
	Steps: map[adapter.Task]string{
		adapter.UseAgent: "On the API keys page, generate an agent wallet with the account's wallet. Give the bot its private key and the " +
			"wallet address of the account.",
		adapter.DeleteKey: "On the API keys page, revoke the agent wallet with the account's wallet.",
	},
	Source:  "Pacifica's API documentation and Python client",
	Checked: "2026-11-29",
}
