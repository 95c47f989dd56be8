package bitfinex

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Allowlist: "Optional; up to 20 IP addresses.",
	Schemes:   "HMAC.",
	Menu:      "API section of the account → My API Keys",
	Steps: map[adapter.Task]string{
		adapter.SetAllowlist:   "For a new key: Create New Key → IP Access restrictions.",
		adapter.SwitchRightOff: "API section of the account → My API Keys: edit the key.",
		adapter.DeleteKey:      "API section of the account → My API Keys: revoke the key.",
	},
	Source:  "support.bitfinex.com, article 115003363429",
	Checked: "2026-11-30",
}
