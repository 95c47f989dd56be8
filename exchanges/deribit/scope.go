package deribit

import (
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// permissions are the words of a scope. Source: docs.deribit.com, access scope,
// and the scope named on the page of each method. Withdrawing and sending to other
// users need the word mainaccount as well, which is appended here.
var permissions = rights.Table{
	"account:read": rights.For(access.Read),
	"account:read_write": rights.For(access.Read, access.SubaccountManage, access.APIKeyManage).
		Implying("other settings of the account; much of this requires the account's second factor"),
	"trade:read":                    rights.For(access.Read),
	"trade:read_write":              rights.For(access.Read, access.TradeSpot, access.TradeMargin, access.TradeFutures, access.TradeOptions),
	"wallet:read":                   rights.For(access.Read),
	"wallet:read_write":             rights.For(access.Read, access.TransferInternal, access.WithdrawAddresses),
	"wallet:read_write+mainaccount": rights.For(access.Read, access.TransferInternal, access.WithdrawAddresses, access.Withdraw, access.TransferExternal),
	"block_trade:read":              rights.For(access.Read),
	"block_trade:read_write":        rights.For(access.Read, access.Other("block-trade")),
	"block_rfq:read":                rights.For(access.Read),
	"block_rfq:read_write":          rights.For(access.Read, access.Other("rfq")),
	"custody:read":                  rights.For(access.Read),
	"custody:read_write":            rights.For(access.Read, access.Other("custody")),
}

// failures: docs.deribit.com, errors. How an IP address that is not allowed and an
// old timestamp are refused is not documented, so what may mean them is ambiguous.
var failures = wire.Failures{
	wire.OneOf(access.KindBadKey, access.KindBadSignature, access.KindIPNotAllowed, access.KindClockSkew).For("13004"),
	wire.OneOf(access.KindBadSignature, access.KindClockSkew).For("10000"),
	wire.OneOf(access.KindBadSignature, access.KindIPNotAllowed, access.KindClockSkew).For("13009"),
	wire.Is(access.KindForbidden, "13021", "13403", "11042", "13012"),
	wire.Is(access.KindSecondFactor, "13668"),
	wire.Is(access.KindDisabled, "9999", "11098", "13002", "10019"),
	wire.Is(access.KindRateLimited, "10028", "10066"),
	wire.Is(access.KindUnavailable, "11051", "13028", "13503"),
	wire.Is(access.KindGeoBlocked, "12005"),
}

// scope is what a scope's words say.
type scope struct {
	levels      map[string]string // by area
	mainAccount bool
	label       string
	unknown     []string
	// incomplete: the key may be able to do more, so the scope denies nothing.
	incomplete bool
}

// order lists the levels from the lowest to the highest.
var order = []string{"", "none", "read", "read_write"}

// higher reports whether level a is above level b.
func higher(a, b string) bool { return slices.Index(order, a) > slices.Index(order, b) }

// readScope reads space-separated words. If an area is named twice, the higher level
// counts. A scope that names no area, like the reference's sample, is incomplete:
// those recorded by clients that requested no particular scope name every area the
// key has.
func readScope(text string) scope {
	s := scope{levels: map[string]string{}}
	for word := range strings.FieldsSeq(text) {
		name, value, _ := strings.Cut(word, ":")
		_, isArea := permissions[name+":read"]
		switch {
		case word == "mainaccount":
			s.mainAccount = true
		case word == "connection", name == "session", name == "expires", name == "ip": // of the token, not of the key
		case name == "name":
			s.label = value
		case isArea && value != "" && slices.Contains(order, value):
			if higher(value, s.levels[name]) {
				s.levels[name] = value
			}
		default:
			s.unknown = append(s.unknown, word)
		}
	}
	s.incomplete = len(s.levels) == 0
	return s
}

// widen adds what another scope of the same key has beyond this one, and reports
// whether there is anything.
func (s *scope) widen(other scope) bool {
	wider := false
	for area, level := range other.levels {
		if higher(level, s.levels[area]) && level != "none" {
			s.levels[area], wider = level, true
		}
	}
	s.unknown = append(s.unknown, other.unknown...)
	return wider
}

// states returns the state of every permission. An area that isn't named is off;
// one with an unknown level, or without a level, may be anything.
func (s *scope) states() map[string]access.State {
	states := map[string]access.State{}
	for name := range permissions {
		area, _, _ := strings.Cut(name, ":")
		unrecognised := slices.ContainsFunc(s.unknown, func(word string) bool { return word == area || strings.HasPrefix(word, area+":") })
		if !s.incomplete && !unrecognised {
			states[name] = access.Denied
		}
	}
	for area, level := range s.levels {
		held := area + ":" + level
		if area == "wallet" && level == "read_write" && s.mainAccount {
			held += "+mainaccount"
		}
		if level != "none" {
			states[held] = access.Granted
		}
	}
	for _, word := range s.unknown {
		states[word] = access.Granted
	}
	return states
}

// readList finds the calling key among the listed ones. Secrets in the list are
// hidden and dropped: that the list contains them is a fact about this key.
func readList(list []wire.Object, s *adapter.Session, snap *access.Snapshot, granted *scope) {
	var own []*access.Snapshot
	var ownScope scope
	leaked := false
	for _, record := range list {
		secret, _ := record.Text("client_secret")
		s.Hide(secret)
		id, _ := record.Text("client_id")
		text, _ := record.Text("max_scope")
		maximum := readScope(text)
		maximum.mainAccount = granted.mainAccount // the list is that of one account
		listed := readRecord(record)
		if id == s.Key() {
			own, ownScope = append(own, listed), maximum
			continue
		}
		// For a key pair it is the fingerprint of the public half.
		public, _ := record.Text("public_key")
		leaked = leaked || (strings.Trim(secret, "*") != "" && public == "")
		permissions.Apply(listed, maximum.states())
		listed.KeyID, listed.Account.Kind = id, snap.Account.Kind
		snap.Siblings = append(snap.Siblings, listed)
	}
	if leaked {
		snap.Grants = append(snap.Grants, access.Grant{
			Capability: access.Other("key-secrets"), State: access.Granted, Evidence: access.Reported, Names: []string{"account:read"},
		})
	}
	if len(own) != 1 {
		granted.incomplete = true
		snap.Notes = append(snap.Notes, "This key could not be identified in the list of the account's keys, so its "+
			"IP allowlist is unknown.")
		return
	}
	snap.IPAllowlist, snap.Facts = own[0].IPAllowlist, own[0].Facts
	if own[0].Label != "" {
		snap.Label = own[0].Label
	}
	snap.KeyState = own[0].KeyState
	if snap.KeyState == access.KeyDisabled {
		snap.KeyState = access.KeyStateUnknown
		snap.Contradictions = append(snap.Contradictions, "the list says that the key is switched off, but it was "+
			"just used")
	}
	granted.incomplete = ownScope.incomplete
	if granted.widen(ownScope) {
		snap.Notes = append(snap.Notes, "The key's maximum scope is wider than that of its token: the wider one "+
			"counts.")
	}
}

// readRecord reads one key of the list, except its scope.
func readRecord(record wire.Object) *access.Snapshot {
	listed := &access.Snapshot{Answer: access.Answer{Grants: []access.Grant{}}}
	listed.Label, _ = record.Text("name")
	if list, ok := record.Strings("ip_whitelist"); ok {
		listed.IPAllowlist = access.NewIPAllowlist(list)
	}
	listed.KeyState = record.Switch("enabled", access.KeyActive, access.KeyDisabled)
	if at, ok := record.Millis("timestamp"); ok {
		listed.Facts = append(listed.Facts, access.Fact{Name: "created or last changed", Value: at.Format("2006-01-02T15:04:05Z")})
	}
	if features, ok := record.Strings("enabled_features"); ok && len(features) > 0 {
		listed.Facts = append(listed.Facts, access.Fact{Name: "enabled_features", Value: strings.Join(features, ", ")})
	}
	return listed
}
