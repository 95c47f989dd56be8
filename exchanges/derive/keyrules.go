package derive

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Expiry: "Every session key has an end, which is set when it is registered. A key cannot be revoked before that, but it can be " +
		"registered again with an end that is five minutes ahead or more.",
	Allowlist: "Optional; a list of IP addresses.",
	Schemes:   "secp256k1 wallets only: session keys that the account's owner registered, or the owner's own.",
	Steps: map[adapter.Task]string{
		adapter.UseAgent: "With the owner's wallet, register a new session key with the scopes that the bot needs, the bot's IP address " +
			"and an end. Give the bot its private key and the account's wallet address.",
	},
	Source:  "Derive's API documentation and its Python client (2026-08)",
	Checked: "2026-11-29",
}
