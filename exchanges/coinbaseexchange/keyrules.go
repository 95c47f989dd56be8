package coinbaseexchange

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Allowlist:   "Optional; how many entries it can have is unknown.",
	SubAccounts: "A key belongs to one profile.",
	Schemes:     "HMAC only.",
	Menu:        "API, at the bottom of the dashboard's left sidebar",
	Steps: map[adapter.Task]string{
		adapter.SetAllowlist: "For a new key: API → New API Key, field IP address whitelist, with " +
			"commas between several.",
	},
	Source:  "docs.cdp.coinbase.com, Exchange pages; help.coinbase.com, page on creating a key",
	Checked: "2026-11-30",
}
