package swyftx

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"unicode"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// families: what a scope is for, by its beginning. Reading is recognised by its end.
var families = []struct {
	begins string
	access.Capability
}{
	{"app.orders.", access.TradeSpot},
	{"app.recurring-orders.", access.TradeSpot},
	{"app.funds.withdraw", access.Withdraw},
	{"app.address.", access.WithdrawAddresses},
	{"app.api.", access.APIKeyManage},
}

// needed are scopes without which what they are for is unknown: if the exchange has
// renamed them, that must not count as "off".
var needed = []string{"app.account.read", "app.orders.create", "app.funds.withdraw"}

func readScope(name string) (rights.Right, bool) {
	if strings.HasPrefix(name, "app.") && strings.HasSuffix(name, ".read") {
		return rights.For(access.Read), true
	}
	for _, f := range families {
		if strings.HasPrefix(name, f.begins) {
			return rights.For(f.Capability), true
		}
	}
	return rights.Right{}, false
}

// parseScopes reads the existing scopes, and whether they are on.
func parseScopes(resp *adapter.Response) (map[string]access.State, error) {
	scopes, err := wire.Parse(resp.Body)
	if err != nil || resp.Status != http.StatusOK || scopes.Has("error") {
		return nil, refusal(resp)
	}
	held := map[string]access.State{}
	for _, name := range scopes.Names() {
		scope, _ := scopes.Object(name)
		if state, ok := scope.Int("state"); ok && (state == 0 || state == 1) {
			held[name] = access.StateOf(state == 1)
		}
	}
	if err = scopes.Err(); err == nil && len(held) == 0 {
		err = errors.New("the answer reports no scope")
	}
	if err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	return held, nil
}

// parseKeys joins the scopes' states with what the list says about the calling key.
// A refusal of this one call leaves unknown what is off.
func parseKeys(resp *adapter.Response, key string, held map[string]access.State) (*access.Snapshot, error) {
	list, err := wire.ParseList(resp.Body)
	if err != nil || resp.Status != http.StatusOK {
		e := refusal(resp)
		// The token just worked for the other call, so a 403 with the exchange's code is
		// about this one, whatever else its message says.
		_, ofOneCall := wire.OfOneCall(e)
		if !ofOneCall && (e.Code == "" || resp.Status != http.StatusForbidden) {
			return nil, e
		}
		return judge(&access.Snapshot{}, held, nil), nil
	}
	var own, others []*access.Snapshot
	var scope []string
	for _, record := range list {
		listed := &access.Snapshot{Answer: access.Answer{Grants: []access.Grant{}}}
		listed.Label, _ = record.Text("label")
		listed.Created, _ = record.Millis("created")
		text, _ := record.Text("scope")
		names := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",;|", r) || unicode.IsSpace(r) })
		id, _ := record.Text("id")
		if id == key {
			own, scope = append(own, listed), names
			continue
		}
		apply(listed, granted(names))
		listed.KeyID = id
		others = append(others, listed)
	}
	if len(list) == 0 {
		return nil, wire.NotUnderstood(resp, errors.New("the list of keys is empty"))
	}
	if err := list[0].Err(); err != nil { // shared by all of them
		return nil, wire.NotUnderstood(resp, err)
	}
	if len(own) != 1 {
		own, scope = []*access.Snapshot{{}}, nil
	}
	own[0].Siblings = others
	return judge(own[0], held, scope), nil
}

// judge takes a scope as on if either call says so, and as off if both do.
func judge(snap *access.Snapshot, held map[string]access.State, listed []string) *access.Snapshot {
	// A name that only one call has may be a wildcard, or several scopes with an
	// unknown separator: it could include what the other call says is off.
	known := len(listed) > 0 && !slices.ContainsFunc(listed, func(name string) bool { return held[name] == access.Unknown })
	states := granted(listed)
	for name, state := range held {
		switch {
		case state == access.Granted && known && states[name] != access.Granted:
			snap.Contradictions = append(snap.Contradictions,
				"the state of the scope "+name+" is on, but the list of keys doesn't have it for this key")
			states[name] = state
		case state == access.Granted:
			states[name] = state
		case known && states[name] == access.Unknown:
			states[name] = access.Denied
		}
	}
	slices.Sort(snap.Contradictions)
	if !known {
		snap.Notes = append(snap.Notes,
			"The list of keys doesn't report the scopes of this key (by the identifier given as the key) under the names "+
				"that the list of scopes has, so which scopes are off is unknown.")
	}
	apply(snap, states)
	rights.Prove(snap, access.Read)
	return snap
}

func granted(names []string) map[string]access.State {
	states := map[string]access.State{}
	for _, name := range names {
		states[name] = access.Granted
	}
	return states
}

// apply builds a table of the scopes that the exchange reports.
func apply(snap *access.Snapshot, states map[string]access.State) {
	table := rights.Table{}
	for _, name := range needed {
		table[name], _ = readScope(name)
	}
	for name := range states {
		if right, ok := readScope(name); ok {
			table[name] = right
		}
	}
	table.Apply(snap, states)
}
