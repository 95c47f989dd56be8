package swyftx

import "github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"

// keyRules is what is documented of all keys; what is missing is unknown.
var keyRules = adapter.KeyRules{
	Allowlist: "None is known to exist: attest the rule ip-allowlist if the key's page shows one.",
	Source:    "a community client (no official source)",
	Checked:   "2026-11-22",
}
