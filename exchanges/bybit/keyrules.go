package bybit

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Unbound:     "Expires after 90 days, and 7 days after a change of the account's password.",
	Pairs:       "A key can be limited to trading pairs, which the exchange does not report.",
	SubAccounts: "Sub-accounts exist and have keys of their own, which can't withdraw.",
	Schemes:     "HMAC (system-generated) or RSA (self-generated).",
	Steps: map[adapter.Task]string{
		adapter.SetAllowlist: "On the website: the IP allowlist of a main account's key can't be " +
			"changed by API.",
		adapter.UseAsymmetric: "Create a self-generated key: create an RSA pair and give the exchange " +
			"the public half only.",
	},
	Source:  "bybit-exchange/docs, the exchange's documentation (2026-07-24)",
	Checked: "2026-11-29",
}
