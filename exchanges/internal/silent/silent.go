// Package silent serves exchanges that report nothing about a key. One documented
// read shows that the key is active and can read; everything else stays unknown,
// and the owner is asked to check and attest it.
package silent

import (
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
)

// Answered is all that an answered read proves.
func Answered(title string) *access.Snapshot {
	snap := &access.Snapshot{
		Answer: access.Answer{
			Notes: []string{
				title + " reports nothing about its keys: the answer proves only that this key is active and can read. Check its page, " +
					"then attest what is true of it: that it cannot withdraw or send funds (withdrawal, external-transfer, withdrawal-addresses), that it is " +
					"restricted to the bot's IP addresses (ip-allowlist), what it may trade (missing-permission, excess-permission), and " +
					"that it manages neither keys nor sub-accounts (key-management, subaccount-management).",
			},
		},
	}
	rights.Prove(snap, access.Read)
	return snap
}

// AnsweredOf is the same for an exchange whose API has no call that sends funds away or
// manages keys.
func AnsweredOf(title string) *access.Snapshot {
	snap := &access.Snapshot{
		Answer: access.Answer{
			Notes: []string{
				title + " reports nothing about its keys: the answer proves only that this key is active and can read. No call of its API " +
					"withdraws, or manages keys or sub-accounts. Check the key's page, then attest what it may trade (missing-permission, " +
					"excess-permission), and that it is restricted to the bot's IP addresses (ip-allowlist).",
			},
		},
	}
	rights.Prove(snap, access.Read)
	return snap
}

// Coverage is what such an exchange shows: that the key can read.
func Coverage(confirmed string) adapter.Coverage {
	return adapter.Coverage{Reports: []access.Capability{access.Read}, Inferred: true, Confirmed: confirmed}
}
