package coinbase

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Allowlist:   "Optional; IP addresses and CIDR ranges.",
	SubAccounts: "A key belongs to one portfolio, of which there can be up to 100.",
	Schemes:     "ECDSA, and Ed25519 according to some pages; HMAC keys are deprecated.",
	Menu:        "Coinbase Developer Platform → API Keys → Secret API Keys",
	Steps: map[adapter.Task]string{
		adapter.UseAsymmetric: "Coinbase Developer Platform → API Keys → Secret API Keys → Create API " +
			"key, with ECDSA as the signature algorithm: the exchange's " +
			"documentation says that Ed25519 does not work with Coinbase App.",
	},
	Source:  "docs.cdp.coinbase.com, pages on API key authentication and on security",
	Checked: "2026-11-30",
}
