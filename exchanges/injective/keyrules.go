package injective

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Expiry:    "Each grant has an end of its own, or none. The key of an account's own wallet never expires.",
	Allowlist: "None: every key is usable from any IP address.",
	Schemes:   "secp256k1 wallets of Ethereum's form only: the account's own, or one to which it granted types of messages (authz).",
	Steps: map[adapter.Task]string{
		adapter.UseAgent: "With the account's wallet, grant a new wallet the messages that the bot sends, such as MsgBatchUpdateOrders, with an end. " +
			"Give the bot that wallet's private key and the wallet address of the account.",
		adapter.DeleteKey: "Revoke each of its grants with the account's wallet.",
	},
	Source:  "Injective's documentation (2026-08)",
	Checked: "2026-11-29",
}
