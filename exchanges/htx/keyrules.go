package htx

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Unbound: "Deactivated after 90 days without use, if it can trade or withdraw; each use " +
		"extends this by 90 days.",
	Idle:        adapter.OnlyUnbound,
	Allowlist:   "Up to 20 entries: IPv4 and IPv6 addresses, hosts and ranges.",
	SubAccounts: "Sub-users exist and have keys of their own, which can't withdraw.",
	Schemes:     "HMAC and Ed25519.",
	Source:      "HTX's API management page; its API documentation (2021-06)",
	Checked:     "2026-11-22",
}
