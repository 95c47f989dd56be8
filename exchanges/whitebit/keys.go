package whitebit

import (
	"cmp"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// types: docs.whitebit.com, sub-account API keys. The word trade is from a
// sample.
var types = rights.Table{
	"type 1": rights.For(audit.Read, audit.TradeSpot, audit.TradeMargin, audit.TradeFutures),
	"type 2": {
		Grants: []audit.Capability{
			audit.Read, audit.TradeSpot, audit.TradeMargin, audit.TradeFutures, audit.Withdraw, audit.TransferInternal, audit.Other("deposit"),
		},
		Perhaps: []audit.Capability{audit.TransferExternal}, // by codes
	},
	"type trade": rights.For(audit.TradeSpot, audit.TradeMargin, audit.TradeFutures),
}

// endpoints by how they begin, the paths of the reference.
var endpoints = rights.Table{
	"/main-account/withdraw": rights.For(audit.Withdraw),
	"/main-account/transfer": rights.For(audit.TransferInternal),
	"/main-account/codes":    rights.For(audit.TransferExternal),
	"/order/":                rights.For(audit.TradeSpot, audit.TradeMargin, audit.TradeFutures),
	"/sub-account/api-key/":  rights.For(audit.APIKeyManage),
	"/sub-account/":          rights.For(audit.SubaccountManage),
}

// parseKeys adds to snap the keys of sub-accounts. That the list is refused
// says nothing about this key: it may be a sub-account's, or be bound to other
// endpoints.
func parseKeys(resp *audit.Response, s *audit.Session, snap *audit.Snapshot) error {
	body, refusal := unwrap(resp)
	if refusal != nil {
		theirs := resp.Status/100 == 4 && body.Has("message") // a refusal in the venue's form
		if refusal.Kind != audit.KindForbidden && (refusal.Kind != audit.KindNotUnderstood || !theirs) {
			return refusal
		}
		snap.Notes = append(snap.Notes, "The venue refused the list of sub-accounts' keys: nothing is known of other keys.")
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
			snap.Grants = append(snap.Grants, audit.Grant{Capability: keySecrets, State: audit.Granted, Evidence: audit.Told})
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
		snap.Notes = append(snap.Notes, "This key lists the keys of sub-accounts, so it may be able to make and change them.")
	}
	if len(list) >= most {
		snap.Notes = append(snap.Notes, "There may be more keys of sub-accounts: only the first hundred were asked for.")
	}
	return nil
}

var keySecrets = audit.Other("key-secrets")

// readKey reads one key of the list.
func readKey(entry wire.Object) *audit.Snapshot {
	snap := &audit.Snapshot{Account: audit.Account{Kind: audit.SubAccount}}
	snap.Label, _ = entry.Text("title")
	snap.LastUsed, _ = entry.Seconds("lastActivity")
	snap.KeyState = entry.Switch("isEnabled", audit.KeyActive, audit.KeyDisabled)
	readRights(entry, snap)
	return snap
}

// readRights: endpoints narrow a type, and what else they reach isn't known, so
// they deny nothing. Neither does a type that isn't one of the numbered two, or
// one that may have been narrowed or not.
func readRights(entry wire.Object, snap *audit.Snapshot) {
	kind, _ := entry.Text("type")
	kind = "type " + cmp.Or(kind, "that is not told")
	restricted, told := entry.Bool("restrictAccess")
	switch list, _ := entry.Objects("accessEndpoints"); {
	case restricted:
		states := map[string]audit.State{}
		for _, endpoint := range list {
			name, _ := endpoint.Text("name")
			states[group(name)] = audit.Granted
		}
		endpoints.Apply(snap, states)
	case told && (kind == "type 1" || kind == "type 2"):
		types.Apply(snap, types.Listed([]string{kind}))
	default:
		types.Apply(snap, map[string]audit.State{kind: audit.Granted})
	}
}

// group is the longest beginning of an endpoint that has a meaning, or the
// endpoint.
func group(endpoint string) string {
	path, longest := strings.TrimPrefix(endpoint, "/api/v4"), ""
	for name := range endpoints {
		if strings.HasPrefix(path, name) && len(name) > len(longest) {
			longest = name
		}
	}
	return cmp.Or(longest, endpoint, "an endpoint without a name")
}
