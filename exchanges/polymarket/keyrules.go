package polymarket

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Schemes: "The wallet of an account, whose private key signs orders, and API keys (key, secret and passphrase) that the wallet creates. Read-only keys.",
	Steps: map[adapter.Task]string{
		adapter.UseAgent: "No other key can sign orders here, so a bot that trades holds the wallet's. Open an account with a new wallet for the bot, and " +
			"keep in it only what the bot needs. A bot that only reads needs an API key alone: take the wallet's private key away from it.",
	},
	Source:  "Polymarket's clients",
	Checked: "2026-11-29",
}
