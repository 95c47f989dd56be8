package paradex

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Expiry:    "None: a subkey lasts until it is revoked. The key of an account itself cannot be revoked.",
	Allowlist: "Optional; up to 50 ranges of IP addresses, which only the account itself changes.",
	Schemes:   "Keys of the Stark curve only: the account's own, or subkeys that it registered.",
	Steps: map[adapter.Task]string{
		adapter.UseAgent:  "On the page for keys, register a subkey with the bot's IP address. Give the bot its private key and the account.",
		adapter.DeleteKey: "On the page for keys, revoke the subkey.",
	},
	Source:  "Paradex's API documentation and its Python client (2026-06)",
	Checked: "2026-11-29",
}
