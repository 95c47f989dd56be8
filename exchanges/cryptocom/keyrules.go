package cryptocom

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Allowlist: "Optional. Keys that are connected to a third-party app use that app's IP addresses, " +
		"up to 100.",
	SubAccounts: "Sub-accounts exist.",
	Schemes:     "HMAC only.",
	Menu:        "Profile → Settings → API Keys",
	Source:      "exchange-docs.crypto.com and help.crypto.com",
	Checked:     "2026-11-30",
}
