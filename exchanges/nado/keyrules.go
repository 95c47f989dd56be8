package nado

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	SubAccounts: "Exist: a wallet address and a name. Each has one linked signer of its own.",
	Schemes:     "secp256k1 wallets only: the one that owns the sub-account, or the one that it linked as its signer.",
	Steps: map[adapter.Task]string{
		adapter.UseAgent: "Link a signer to the sub-account with the wallet that owns it: a new wallet, which holds nothing. Give the bot that wallet's private " +
			"key and the sub-account.",
		adapter.DeleteKey: "Link another signer to the sub-account: it replaces the old one.",
	},
	Source:  "Nado's API documentation and Python client",
	Checked: "2026-11-29",
}
