package exchangetest

import (
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// impliedFlaws: a right of the reference that includes more than its name says, kept
// from the owner in several ways.
var impliedFlaws = []flaw{
	{name: "keys managed by a note only", property: "implied", steps: noting("on a main account: creating, changing and deleting API keys")},
	{name: "an IP allowlist rewritten by a note only", property: "implied", steps: noting("can clear the IP allowlist of this key")},
	{name: "sub-accounts managed by a note only", property: "implied", steps: after(func(s *access.Snapshot) {
		setGrant(s, access.SubaccountManage, access.Denied)
		note(s, "perhaps creating sub-accounts (unconfirmed)")
	})},
	{name: "a power denied while a right carries it", property: "implied", fake: carrying(Implied{Capability: access.APIKeyManage})},
	{name: "a power of main accounts denied", property: "implied", fake: carrying(Implied{Capability: access.APIKeyManage, OnMain: true})},
	{name: "an unconfirmed power denied", property: "implied", fake: carrying(Implied{Capability: access.APIKeyManage, Unsure: true})},
	{
		name: "a power granted without its mark", property: "round-trip", fake: carrying(Implied{Capability: access.SubaccountManage}),
		adapter: func(e *adapter.Exchange) { e.Coverage.Reports = append(e.Coverage.Reports, access.SubaccountManage) },
		steps: after(func(s *access.Snapshot) {
			setGrant(s, access.SubaccountManage, s.Grant(access.TradeSpot).State)
		}),
	},
}

func carrying(i Implied) func(*Definition) {
	return func(d *Definition) { d.Implied = map[string][]Implied{"spot.trade": {i}} }
}

func noting(text string) func(*steps) { return after(func(s *access.Snapshot) { note(s, text) }) }

// note adds a note to every grant.
func note(s *access.Snapshot, text string) {
	for i := range s.Grants {
		s.Grants[i].Implies = append(s.Grants[i].Implies, text)
	}
}
