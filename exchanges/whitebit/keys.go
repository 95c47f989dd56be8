package whitebit

import (
	"cmp"
	"errors"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// types: docs.whitebit.com, sub-account API keys. The word trade is from a sample.
var types = rights.Table{
	"type 1": rights.For(access.Read, access.TradeSpot, access.TradeMargin, access.TradeFutures),
	"type 2": {
		Grants: []access.Capability{
			access.Read, access.TradeSpot, access.TradeMargin, access.TradeFutures, access.Withdraw, access.TransferInternal, access.Other("deposit"),
		},
		Perhaps: []access.Capability{access.TransferExternal}, // by codes
	},
	"type trade": rights.For(access.TradeSpot, access.TradeMargin, access.TradeFutures),
}

// endpoints by the beginnings of the reference's paths.
var endpoints = rights.Table{
	"/main-account/withdraw": rights.For(access.Withdraw),
	"/main-account/transfer": rights.For(access.TransferInternal),
	"/main-account/codes":    rights.For(access.TransferExternal),
	"/order/":                rights.For(access.TradeSpot, access.TradeMargin, access.TradeFutures),
	"/sub-account/api-key/":  rights.For(access.APIKeyManage),
	"/sub-account/":          rights.For(access.SubaccountManage),
}

// parseKeys adds to snap the keys of sub-accounts. A refusal of the list says nothing
// about this key: it may be a sub-account's, or restricted to other endpoints.
func parseKeys(resp *adapter.Response, s *adapter.Session, snap *access.Snapshot) error {
	body, err := unwrap(resp)
	if err != nil {
		theirs := resp.Status/100 == 4 && body.Has("message") // a refusal in the exchange's form
		if !errors.Is(err, access.KindForbidden) && (!errors.Is(err, access.KindNotUnderstood) || !theirs) {
			return err
		}
		snap.Notes = append(snap.Notes, "The exchange refused the list of sub-accounts' keys, so whether there are "+
			"other keys is unknown.")
		return nil
	}
	list, ok := body.Objects("data")
	if !ok {
		return wire.NotUnderstood(resp, body.Err())
	}
	for _, entry := range list {
		secret, _ := entry.Text("apiSecret") // documented as blank
		s.Hide(secret)
		if strings.Trim(secret, "* ") != "" && !snap.Can(keySecrets) {
			snap.Grants = append(snap.Grants, access.Grant{Capability: keySecrets, State: access.Granted, Evidence: access.Reported})
		}
		if id, _ := entry.Text("apiKey"); id != s.Key() {
			sibling := readKey(entry)
			sibling.KeyID = id
			snap.Siblings = append(snap.Siblings, sibling)
		}
	}
	if err := body.Err(); err != nil {
		return wire.NotUnderstood(resp, err)
	}
	if len(list) > 0 {
		snap.Notes = append(snap.Notes, "This key can list the keys of sub-accounts, so it may be able to create "+
			"and change them.")
	}
	if snap.ListsPart = len(list) >= most; snap.ListsPart {
		snap.Notes = append(snap.Notes, "There may be more keys of sub-accounts: only the first hundred were "+
			"requested.")
	}
	return nil
}

var keySecrets = access.Other("key-secrets")

// readKey reads one key of the list.
func readKey(entry wire.Object) *access.Snapshot {
	snap := &access.Snapshot{Answer: access.Answer{Account: access.Account{Kind: access.SubAccount}}}
	snap.Label, _ = entry.Text("title")
	snap.LastUsed, _ = entry.Seconds("lastActivity")
	snap.KeyState = entry.Switch("isEnabled", access.KeyActive, access.KeyDisabled)
	readRights(entry, snap)
	return snap
}

// readRights: endpoints narrow a type, and what else they include is unknown, so they
// deny nothing. Neither does a type that isn't one of the two numbered types, or one
// that may or may not be narrowed.
func readRights(entry wire.Object, snap *access.Snapshot) {
	kind, _ := entry.Text("type")
	kind = "type " + cmp.Or(kind, "not reported")
	restricted, reported := entry.Bool("restrictAccess")
	switch list, _ := entry.Objects("accessEndpoints"); {
	case restricted:
		states := map[string]access.State{}
		for _, endpoint := range list {
			name, _ := endpoint.Text("name")
			states[group(name)] = access.Granted
		}
		endpoints.Apply(snap, states)
	case reported && (kind == "type 1" || kind == "type 2"):
		types.Apply(snap, types.Listed([]string{kind}))
	default:
		types.Apply(snap, map[string]access.State{kind: access.Granted})
	}
}

// group is the longest beginning of an endpoint that has a known meaning, or the
// endpoint itself.
func group(endpoint string) string {
	path, longest := strings.TrimPrefix(endpoint, "/api/v4"), ""
	for name := range endpoints {
		if strings.HasPrefix(path, name) && len(name) > len(longest) {
			longest = name
		}
	}
	return cmp.Or(longest, endpoint, "an endpoint without a name")
}
