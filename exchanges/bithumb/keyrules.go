package bithumb

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Unbound:   "There are none: every key has an IP allowlist.",
	Expiry:    "One year; a key can't be extended.",
	Allowlist: "One to five IP addresses, required when a key is created.",
	Schemes:   "HMAC.",
	Steps: map[adapter.Task]string{
		adapter.SwitchRightOff: "The rights of a key can't be changed: create a new key without the " +
			"right and delete this one.",
	},
	Source:  "apidocs.bithumb.com, FAQ and quick start (2026-10)",
	Checked: "2026-11-22",
}
