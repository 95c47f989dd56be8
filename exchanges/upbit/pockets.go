package upbit

import (
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// permissions: docs.upbit.com/kr, list-pocket-api-keys. A withdrawal may also
// be an instant transfer to another user of the exchange.
var permissions = rights.Table{
	"view_account":     rights.For(access.Read),
	"view_orders":      rights.For(access.Read),
	"view_withdrawals": rights.For(access.Read),
	"view_deposits":    rights.For(access.Read),
	"make_orders":      rights.For(access.TradeSpot),
	"withdraw": {
		Grants:    []access.Capability{access.Withdraw, access.TransferExternal},
		Qualifier: "only to withdrawal addresses registered beforehand", AddressBook: access.BookAlways,
	},
	"deposit":  rights.For(access.Other("deposit")),
	"transfer": rights.For(access.TransferInternal),
	"manage_pockets": rights.For(access.TransferInternal, access.SubaccountManage).
		Implying("moves funds of every pocket, and lists the keys of all of them"),
}

// parsePockets reads the list of keys by pocket. Only keys of the main pocket
// may ask for it, so the group with the calling key is the main pocket's.
func parsePockets(resp *adapter.Response, key string) (*access.Snapshot, error) {
	groups, err := api.Keys(resp)
	if err != nil {
		return nil, err
	}
	var own, others []*access.Snapshot
	for _, group := range groups {
		keys, ok := group.Objects("keys")
		if !ok {
			return nil, wire.NotUnderstood(resp, group.Err())
		}
		kind := access.SubAccount
		for _, entry := range keys {
			if id, _ := entry.Text("access_key"); id == key {
				kind = access.MainAccount
			}
		}
		for _, entry := range keys {
			listed := readKey(entry)
			listed.Account.Kind = kind
			if id, _ := entry.Text("access_key"); id != key {
				listed.KeyID = id
				others = append(others, listed)
				continue
			}
			own = append(own, listed)
		}
		if err := group.Err(); err != nil {
			return nil, wire.NotUnderstood(resp, err)
		}
	}
	if len(own) != 1 {
		for _, listed := range others { // then which pocket is the main one is unknown
			listed.Account.Kind = access.AccountUnknown
		}
		own = []*access.Snapshot{{
			Answer: access.Answer{
				Account: access.Account{Kind: access.MainAccount},
				Notes: []string{
					"This key could not be identified in the exchange's list of keys, so what it may do besides managing pockets is unknown.",
				},
			},
		}}
	}
	proveManaging(own[0])
	own[0].Siblings = others
	return own[0], nil
}

// readKey reads one key of the list.
func readKey(entry wire.Object) *access.Snapshot {
	snap := &access.Snapshot{}
	var states map[string]access.State
	if held, ok := entry.Strings("permissions"); ok {
		states = permissions.Listed(held)
	}
	permissions.Apply(snap, states)
	if list, ok := entry.Strings("allowed_ips"); ok {
		snap.IPAllowlist = access.NewIPAllowlist(list)
		snap.IPAllowlist.Mandatory = true
		if len(list) == 0 {
			snap.Notes = append(snap.Notes, "The exchange lists no IP address for this key, although it says that "+
				"no key works without one.")
		}
	}
	snap.Created, _ = entry.RFC3339("created_at")
	snap.Expires, _ = entry.RFC3339("expired_at")
	return snap
}

// proveManaging: that the exchange answered with the list proves the right to manage
// pockets.
func proveManaging(snap *access.Snapshot) {
	if snap.Grant(access.SubaccountManage).State == access.Denied { // so the list is incomplete, and denies nothing
		snap.Contradictions = append(snap.Contradictions, "the exchange lists the key without the right to manage "+
			"pockets, but showed it what only such a key may see")
		for i := range snap.Grants {
			if g := &snap.Grants[i]; g.State == access.Denied {
				g.State, g.Evidence = access.Unknown, access.NoEvidence
			}
		}
	}
	for _, c := range permissions["manage_pockets"].Grants {
		rights.Prove(snap, c)
	}
}
