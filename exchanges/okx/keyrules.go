package okx

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Unbound: "Expires after 14 days of inactivity, if it can trade or withdraw and is not for " +
		"demo trading. Every authenticated call counts as activity, so the audit itself " +
		"restarts the 14 days.",
	Idle:        adapter.OnlyUnbound,
	Allowlist:   "Up to 20 entries: IPv4 and IPv6 addresses and ranges.",
	SubAccounts: "Sub-accounts exist and have keys of their own; ordinary ones can't withdraw.",
	Schemes:     "HMAC only.",
	Menu:        "Profile → API and connections",
	Steps: map[adapter.Task]string{
		adapter.SetAllowlist: "Profile → API and connections: choose the key and edit its linked IP " +
			"addresses, separated by commas or spaces.",
		adapter.SwitchRightOff: "Profile → API and connections: choose the key and edit its " +
			"permissions (Read, Trade, Withdraw).",
	},
	Source:  "OKX's API documentation (2026-09-02) and API FAQ (2026-08-26)",
	Checked: "2026-11-30",
}
