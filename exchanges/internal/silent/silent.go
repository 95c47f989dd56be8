// Package silent serves exchanges that tell nothing about a key. One documented
// read shows that the key lives and reads; everything else stays unknown, and
// the owner is told what to look at and to attest.
package silent

import (
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// Alive is all that an answered read proves.
func Alive(title string) *access.Snapshot {
	return &access.Snapshot{
		Answer: access.Answer{
			Grants: []access.Grant{{Capability: access.Read, State: access.Granted, Evidence: access.Inferred}},
			Notes: []string{
				title + " tells nothing about its keys: that this one was answered proves that it is alive and reads. Look at the key's page " +
					"and attest what you see there: that it cannot withdraw or send funds (withdrawal, external-transfer, withdrawal-addresses), that " +
					"it is bound to the bot's address (ip-allowlist), what it may trade (missing-permission, excess-permission), and that it " +
					"manages neither keys nor sub-accounts (key-management, subaccount-management).",
			},
		},
	}
}

// Coverage is what such an exchange tells: that the key reads.
func Coverage(confirmed string) adapter.Coverage {
	return adapter.Coverage{Reports: []access.Capability{access.Read}, Inferred: true, Confirmed: confirmed}
}
