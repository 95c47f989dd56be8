package dydx

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Expiry:      "None: a permissioned key lasts until the account removes its authenticator.",
	Allowlist:   "None: every key is usable from any IP address.",
	Pairs:       "Optional; a filter of markets in the key's authenticator.",
	SubAccounts: "Have no keys of their own; an authenticator may name those for which its key trades.",
	Schemes:     "secp256k1 wallets only: the account's own, or one that an authenticator of the account names.",
	Steps: map[adapter.Task]string{
		adapter.UseAgent: "Create an API trading key on the account's page, or add an authenticator with the account's wallet that lets a new key sign " +
			"orders only: a SignatureVerification and a MessageFilter inside an AllOf. Give the bot the new private key and the wallet address of the account.",
		adapter.DeleteKey: "Remove the key on the account's page, or its authenticator with the account's wallet.",
	},
	Source:  "dYdX's documentation and its clients (2026-04)",
	Checked: "2026-11-29",
}
