package gmocoin

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Schemes: "HMAC. What a key may do is chosen, one function at a time, when it is created.",
	Source:  "api.coin.z.com/docs",
	Checked: "2026-11-30",
}
