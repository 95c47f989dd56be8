package tokocrypto

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Schemes: "HMAC only.",
	Source:  "www.tokocrypto.com/apidocs (2026-04-10)",
	Checked: "2026-11-22",
}
