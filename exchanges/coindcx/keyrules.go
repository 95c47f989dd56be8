package coindcx

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Allowlist:   "A key can be restricted to the IP address of the device that creates it; the exchange does not report it.",
	SubAccounts: "Keys of the main account made after 2024-08-12 move funds between it and its sub-accounts.",
	Schemes:     "HMAC.",
	Source:      "CoinDCX's documentation and its FAQ, by copies",
	Checked:     "2026-11-30",
}
