package gate

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Unbound:     "Expires after 90 days.",
	Pairs:       "A key can be limited to up to 30 trading pairs.",
	SubAccounts: "Sub-accounts exist and have keys of their own.",
	Schemes:     "HMAC only.",
	Menu:        "Profile icon → API Management",
	Steps: map[adapter.Task]string{
		adapter.SetAllowlist:   "Profile icon → API Management: edit the key, IP permissions.",
		adapter.SwitchRightOff: "Profile icon → API Management: edit the key.",
		adapter.DeleteKey:      "Profile icon → API Management: delete the key.",
	},
	Source:  "Gate's help article 17521 (2024-05) and API documentation (2026-08)",
	Checked: "2026-11-30",
}
