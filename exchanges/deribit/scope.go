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
// and the scope named on the page of each method. What withdraws or sends to
// other users needs the word mainaccount as well, which is put behind here.
var permissions = rights.Table{
	"account:read": rights.For(access.Read),
	"account:read_write": rights.For(access.Read, access.SubaccountManage, access.APIKeyManage).
		Implying("other settings of the account; for much of it the account's second factor is asked for"),
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

// failures: docs.deribit.com, errors. What a blocked address and an old
// timestamp get is not documented, so what could be meant stays ambiguous.
var failures = wire.Failures{
	"13004": wire.OneOf(access.KindBadKey, access.KindBadSignature, access.KindIPNotAllowed, access.KindClockSkew),
	"10000": wire.OneOf(access.KindBadSignature, access.KindClockSkew),
	"13009": wire.OneOf(access.KindBadSignature, access.KindIPNotAllowed, access.KindClockSkew),
	"13021": wire.Is(access.KindForbidden),
	"13403": wire.Is(access.KindForbidden),
	"11042": wire.Is(access.KindForbidden),
	"13012": wire.Is(access.KindForbidden),
	"13668": wire.Is(access.KindSecondFactor),
	"9999":  wire.Is(access.KindDisabled),
	"11098": wire.Is(access.KindDisabled),
	"13002": wire.Is(access.KindDisabled),
	"10019": wire.Is(access.KindDisabled),
	"10028": wire.Is(access.KindRateLimited),
	"10066": wire.Is(access.KindRateLimited),
	"11051": wire.Is(access.KindUnavailable),
	"13028": wire.Is(access.KindUnavailable),
	"13503": wire.Is(access.KindUnavailable),
	"12005": wire.Is(access.KindGeoBlocked),
}

// scope is what a scope's words say.
type scope struct {
	levels  map[string]string // by area
	main    bool
	label   string
	unknown []string
	// doubtful: it may be narrower than what the key can do, so it denies
	// nothing.
	doubtful bool
}

// ladder are the levels, from the least to the most.
var ladder = []string{"", "none", "read", "read_write"}

// readScope reads space-separated words. Of an area named twice the higher
// level counts. A scope that names no area, as the reference's sample does not,
// is doubtful: those recorded by clients that asked for nothing in particular
// name every area the key has.
func readScope(text string) scope {
	s := scope{levels: map[string]string{}}
	for word := range strings.FieldsSeq(text) {
		name, value, _ := strings.Cut(word, ":")
		_, isArea := permissions[name+":read"]
		switch {
		case word == "mainaccount":
			s.main = true
		case word == "connection", name == "session", name == "expires", name == "ip": // of the token, not of the key
		case name == "name":
			s.label = value
		case isArea && value != "" && slices.Contains(ladder, value):
			if slices.Index(ladder, value) > slices.Index(ladder, s.levels[name]) {
				s.levels[name] = value
			}
		default:
			s.unknown = append(s.unknown, word)
		}
	}
	s.doubtful = len(s.levels) == 0
	return s
}

// widen adds what another scope of the same key has more, and reports whether
// it has.
func (s *scope) widen(other scope) bool {
	wider := false
	for area, level := range other.levels {
		if slices.Index(ladder, level) > slices.Index(ladder, s.levels[area]) && level != "none" {
			s.levels[area], wider = level, true
		}
	}
	s.unknown = append(s.unknown, other.unknown...)
	return wider
}

// states gives the state of every permission. An area that isn't named is off;
// one with a level that nobody knows, or with none, may be anything.
func (s *scope) states() map[string]access.State {
	states := map[string]access.State{}
	for name := range permissions {
		area, _, _ := strings.Cut(name, ":")
		strange := slices.ContainsFunc(s.unknown, func(word string) bool { return word == area || strings.HasPrefix(word, area+":") })
		if !s.doubtful && !strange {
			states[name] = access.Denied
		}
	}
	for area, level := range s.levels {
		held := area + ":" + level
		if area == "wallet" && level == "read_write" && s.main {
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
// made unprintable and dropped: that they are there is a fact about this key.
func readList(list []wire.Object, s *adapter.Session, snap *access.Snapshot, granted *scope) {
	var own []*access.Snapshot
	var ownScope scope
	leaked := false
	for _, record := range list {
		secret, _ := record.Text("client_secret")
		s.Hide(secret)
		id, _ := record.Text("client_id")
		text, _ := record.Text("max_scope")
		greatest := readScope(text)
		greatest.main = granted.main // the list is that of one account
		listed := readRecord(record)
		if id == s.Key() {
			own, ownScope = append(own, listed), greatest
			continue
		}
		// For a key pair it is the fingerprint of the public half.
		public, _ := record.Text("public_key")
		leaked = leaked || (strings.Trim(secret, "*") != "" && public == "")
		permissions.Apply(listed, greatest.states())
		slices.Sort(listed.Permissions)
		slices.Sort(listed.Unmapped)
		if id != "" {
			listed.KeyID, listed.Account.Kind = id, snap.Account.Kind
			snap.Siblings = append(snap.Siblings, listed)
		}
	}
	if leaked {
		snap.Grants = append(snap.Grants, access.Grant{
			Capability: access.Other("key-secrets"), State: access.Granted, Evidence: access.Reported, Names: []string{"account:read"},
		})
	}
	if len(own) != 1 {
		granted.doubtful = true
		snap.Notes = append(snap.Notes, "This key was not found once in the list of the account's keys, so its addresses are not known.")
		return
	}
	snap.IPAllowlist, snap.Facts = own[0].IPAllowlist, own[0].Facts
	if own[0].Label != "" {
		snap.Label = own[0].Label
	}
	snap.KeyState = own[0].KeyState
	if snap.KeyState == access.KeyDisabled {
		snap.KeyState = access.KeyStateUnknown
		snap.Contradictions = append(snap.Contradictions, "the list says that the key is switched off, and it was just used")
	}
	granted.doubtful = ownScope.doubtful
	if granted.widen(ownScope) {
		snap.Notes = append(snap.Notes, "The key's greatest scope is wider than that of the token it got: the wider one counts.")
	}
}

// readRecord reads one key of the list, but for its scope.
func readRecord(record wire.Object) *access.Snapshot {
	listed := &access.Snapshot{Answer: access.Answer{Grants: []access.Grant{}}}
	listed.Label, _ = record.Text("name")
	if list, ok := record.Strings("ip_whitelist"); ok {
		listed.IPAllowlist = access.NewIPAllowlist(list)
	}
	listed.KeyState = record.Switch("enabled", access.KeyActive, access.KeyDisabled)
	if at, ok := record.Millis("timestamp"); ok {
		listed.Facts = append(listed.Facts, access.Fact{Name: "created, or last changed", Value: at.Format("2006-01-02T15:04:05Z")})
	}
	if features, ok := record.Strings("enabled_features"); ok && len(features) > 0 {
		listed.Facts = append(listed.Facts, access.Fact{Name: "enabled_features", Value: strings.Join(features, ", ")})
	}
	return listed
}
