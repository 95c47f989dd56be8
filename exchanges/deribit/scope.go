package deribit

import (
	"slices"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/rights"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// permissions are the words of a scope. Source: docs.deribit.com, access scope,
// and the scope named on the page of each method. What withdraws or sends to
// other users needs the word mainaccount as well, which is put behind here.
var permissions = rights.Table{
	"account:read": rights.For(audit.Read),
	"account:read_write": rights.For(audit.Read, audit.SubaccountManage, audit.APIKeyManage).
		Implying("other settings of the account; for much of it the account's second factor is asked for"),
	"trade:read":                    rights.For(audit.Read),
	"trade:read_write":              rights.For(audit.Read, audit.TradeSpot, audit.TradeMargin, audit.TradeFutures, audit.TradeOptions),
	"wallet:read":                   rights.For(audit.Read),
	"wallet:read_write":             rights.For(audit.Read, audit.TransferInternal, audit.WithdrawAddresses),
	"wallet:read_write+mainaccount": rights.For(audit.Read, audit.TransferInternal, audit.WithdrawAddresses, audit.Withdraw, audit.TransferExternal),
	"block_trade:read":              rights.For(audit.Read),
	"block_trade:read_write":        rights.For(audit.Read, audit.Other("block-trade")),
	"block_rfq:read":                rights.For(audit.Read),
	"block_rfq:read_write":          rights.For(audit.Read, audit.Other("rfq")),
	"custody:read":                  rights.For(audit.Read),
	"custody:read_write":            rights.For(audit.Read, audit.Other("custody")),
}

// failures: docs.deribit.com, errors. What a blocked address and an old
// timestamp get is not documented, so what could be meant stays ambiguous.
var failures = wire.Failures{
	"13004": wire.OneOf(audit.KindBadKey, audit.KindBadSignature, audit.KindIPNotAllowed, audit.KindClockSkew),
	"10000": wire.OneOf(audit.KindBadSignature, audit.KindClockSkew),
	"13009": wire.OneOf(audit.KindBadSignature, audit.KindIPNotAllowed, audit.KindClockSkew),
	"13021": wire.Is(audit.KindForbidden),
	"13403": wire.Is(audit.KindForbidden),
	"11042": wire.Is(audit.KindForbidden),
	"13012": wire.Is(audit.KindForbidden),
	"13668": wire.Is(audit.KindSecondFactor),
	"9999":  wire.Is(audit.KindDisabled),
	"11098": wire.Is(audit.KindDisabled),
	"13002": wire.Is(audit.KindDisabled),
	"10019": wire.Is(audit.KindDisabled),
	"10028": wire.Is(audit.KindRateLimited),
	"10066": wire.Is(audit.KindRateLimited),
	"11051": wire.Is(audit.KindUnavailable),
	"13028": wire.Is(audit.KindUnavailable),
	"13503": wire.Is(audit.KindUnavailable),
	"12005": wire.Is(audit.KindGeoBlocked),
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
func (s *scope) states() map[string]audit.State {
	states := map[string]audit.State{}
	for name := range permissions {
		area, _, _ := strings.Cut(name, ":")
		strange := slices.ContainsFunc(s.unknown, func(word string) bool { return word == area || strings.HasPrefix(word, area+":") })
		if !s.doubtful && !strange {
			states[name] = audit.Denied
		}
	}
	for area, level := range s.levels {
		held := area + ":" + level
		if area == "wallet" && level == "read_write" && s.main {
			held += "+mainaccount"
		}
		if level != "none" {
			states[held] = audit.Granted
		}
	}
	for _, word := range s.unknown {
		states[word] = audit.Granted
	}
	return states
}

// readList finds the calling key among the listed ones. Secrets in the list are
// made unprintable and dropped: that they are there is a fact about this key.
func readList(list []wire.Object, s *audit.Session, snap *audit.Snapshot, granted *scope) {
	var own []*audit.Snapshot
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
		snap.Grants = append(snap.Grants, audit.Grant{
			Capability: audit.Other("key-secrets"), State: audit.Granted, Evidence: audit.Told, Names: []string{"account:read"},
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
	if snap.KeyState == audit.KeyDisabled {
		snap.KeyState = audit.KeyStateUnknown
		snap.Contradictions = append(snap.Contradictions, "the list says that the key is switched off, and it was just used")
	}
	granted.doubtful = ownScope.doubtful
	if granted.widen(ownScope) {
		snap.Notes = append(snap.Notes, "The key's greatest scope is wider than that of the token it got: the wider one counts.")
	}
}

// readRecord reads one key of the list, but for its scope.
func readRecord(record wire.Object) *audit.Snapshot {
	listed := &audit.Snapshot{Grants: []audit.Grant{}}
	listed.Label, _ = record.Text("name")
	if list, ok := record.Strings("ip_whitelist"); ok {
		listed.IPAllowlist = audit.NewIPAllowlist(list)
	}
	listed.KeyState = record.Switch("enabled", audit.KeyActive, audit.KeyDisabled)
	if at, ok := record.Millis("timestamp"); ok {
		listed.Facts = append(listed.Facts, audit.Fact{Name: "created, or last changed", Value: at.Format("2006-01-02T15:04:05Z")})
	}
	if features, ok := record.Strings("enabled_features"); ok && len(features) > 0 {
		listed.Facts = append(listed.Facts, audit.Fact{Name: "enabled_features", Value: strings.Join(features, ", ")})
	}
	return listed
}
