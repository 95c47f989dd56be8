package pionex

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Expiry:    "Keys can expire; the date is not reported.",
	Allowlist: "A key can be restricted to IP addresses.",
	Schemes:   "HMAC.",
	Source:    "pionex.com/docs/api-docs",
	Checked:   "2026-11-22",
}
