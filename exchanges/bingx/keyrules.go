package bingx

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Unbound:     "Deleted after 14 days without use, if it can trade, transfer or manage sub-accounts.",
	Idle:        "Keys with an IP allowlist, and keys that can only read, do not expire.",
	Allowlist:   "Up to 20 IPv4 addresses. The right to withdraw requires an IP allowlist.",
	SubAccounts: "Sub-accounts exist and have keys of their own, up to 20 each.",
	Schemes:     "HMAC only.",
	Source:      "BingX's API management page and its documentation (2026-04)",
	Checked:     "2026-11-22",
}
