package gemini

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Allowlist: "Optional. Since mid-2025 every trading key has trusted IP addresses or was set to " +
		"Unrestricted by its owner: check on the key's page which of the two it is.",
	SubAccounts: "A key is for one account, or as a master key for several.",
	Schemes:     "HMAC.",
	Source:      "docs.gemini.com; support.gemini.com, article 37826759865115",
	Checked:     "2026-11-22",
}
