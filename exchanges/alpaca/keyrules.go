package alpaca

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Expiry:    "Keys have no expiry.",
	Allowlist: "Keys have no IP allowlist: a key works from wherever it is used.",
	Steps: map[adapter.Task]string{
		adapter.DeleteKey: "On the dashboard, generate the key anew: the new key replaces it.",
	},
	Source:  "alpaca-py, the exchange's client (2026-07)",
	Checked: "2026-11-22",
}
