package krakenfutures

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Allowlist:   "Optional; IPv4 and IPv6 addresses and ranges.",
	SubAccounts: "Sub-accounts exist.",
	Schemes:     "HMAC only.",
	Steps: map[adapter.Task]string{
		adapter.SetAllowlist: "In the key's dialog, switch the IP restriction on and enter the bot's " +
			"IP addresses, separated by commas.",
		adapter.SwitchRightOff: "In the key's dialog, set General API to read only or no access, or " +
			"Withdrawal API to no access.",
	},
	Source:  "support.kraken.com, page on futures keys; docs.kraken.com (2026-05)",
	Checked: "2026-11-22",
}
