package bitflyer

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Schemes: "HMAC only.",
	Steps: map[adapter.Task]string{
		adapter.SwitchRightOff: "On the developer page, select the calls that the key may make.",
	},
	Source:  "lightning.bitflyer.com/docs",
	Checked: "2026-11-22",
}
