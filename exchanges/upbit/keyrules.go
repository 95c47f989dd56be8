package upbit

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Unbound:   "There are none: every call needs a registered IP address.",
	Expiry:    "One year; a key can't be extended.",
	Allowlist: "Required; up to 10 IP addresses.",
	SubAccounts: "Sub-accounts (pockets) exist and have keys of their own, up to 5 each, which can't " +
		"withdraw.",
	Schemes: "HMAC only.",
	Steps: map[adapter.Task]string{
		adapter.SetAllowlist: "The IP allowlist of a key can be changed on its page.",
		adapter.SwitchRightOff: "The permissions of a key can't be changed: create a new key without " +
			"the right and delete this one.",
	},
	Source:  "docs.upbit.com (2026-09)",
	Checked: "2026-11-22",
}
