package audit_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// Forgetting never helps: take any fact out of a snapshot, or make it unreadable,
// and no verdict gets better. A failure may become undetermined, at no lower
// severity. Where a rule leaves a question to another one, that one must ask it.

// loss is one way to lose a fact.
type loss struct {
	name string
	lose func(*access.Snapshot)
}

// lossesOf lists every way in which a snapshot's facts can be lost, one at a time.
// Lists of what an exchange says besides are not facts whose absence can be seen: an
// unmapped right, a contradiction, an alarm, a deadline or a sibling that is not
// mentioned leaves no trace. They are spoiled in the adapters' suite instead.
// IPAllowlist.Disclosed and Account.Standing are not among them either: they say how
// much an adapter reads at its exchange.
func lossesOf(s *access.Snapshot) []loss {
	var out []loss
	add := func(name string, lose func(*access.Snapshot)) { out = append(out, loss{name, lose}) }
	for i, g := range s.Grants {
		name := "grant of " + string(g.Capability)
		if g.Capability.Standard() { // others are known by being listed
			add(name+" removed", func(s *access.Snapshot) { s.Grants = slices.Delete(s.Grants, i, i+1) })
		}
		add(name+" unknown", func(s *access.Snapshot) { s.Grants[i].State = access.Unknown })
		add(name+" without evidence", func(s *access.Snapshot) { s.Grants[i].Evidence = access.NoEvidence })
		add(name+" without names", func(s *access.Snapshot) { s.Grants[i].Names = nil })
		add(name+" without its mark as implied", func(s *access.Snapshot) { s.Grants[i].Implied = access.NotImplied })
		add(name+" without its address book", func(s *access.Snapshot) { s.Grants[i].AddressBook = access.BookUnknown })
	}
	for i := range s.IPAllowlist.Entries {
		add(fmt.Sprintf("allowlist entry %d unreadable", i), func(s *access.Snapshot) {
			s.IPAllowlist.Entries[i] = access.AllowlistEntry{Text: "unreadable"}
		})
		add(fmt.Sprintf("allowlist entry %d empty", i), func(s *access.Snapshot) { s.IPAllowlist.Entries[i] = access.AllowlistEntry{} })
	}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[access.Snapshot]()) {
		if _, leaves := noTrace[field.Name]; leaves || field.Anonymous {
			continue
		}
		add(field.Name, func(s *access.Snapshot) { reflect.ValueOf(s).Elem().FieldByIndex(field.Index).SetZero() })
	}
	for _, inner := range []string{"State", "Evidence", "Entries"} {
		add("IPAllowlist."+inner, func(s *access.Snapshot) { reflect.ValueOf(&s.IPAllowlist).Elem().FieldByName(inner).SetZero() })
	}
	for _, inner := range []string{"Kind", "ID"} {
		add("Account."+inner, func(s *access.Snapshot) { reflect.ValueOf(&s.Account).Elem().FieldByName(inner).SetZero() })
	}
	for _, inner := range []string{"Reported"} {
		add("PairAllowlist."+inner, func(s *access.Snapshot) { reflect.ValueOf(&s.PairAllowlist).Elem().FieldByName(inner).SetZero() })
	}
	return out
}

// noTrace are fields whose loss can't be seen in a snapshot, each with the reason.
var noTrace = map[string]string{
	"Unmapped": "a name that is not mentioned", "Retired": "likewise", "Contradictions": "likewise", "Siblings": "likewise", "Deadlines": "likewise",
	"Insecure": "what the core saw, not the exchange", "Storage": "what the loader saw", "Search": "what a search saw", "Failure": "then it is no failure",
	"Account": "its members are lost one by one", "PairAllowlist": "likewise", "Facts": "words for people", "Notes": "words for people",
	"Permissions": "the grants are judged", "ExpiryOffered": "a fact about the exchange", "Schema": "the form", "KeyKinds": "a fact about the exchange", "Unscoped": "likewise",
	"TakenAt": "the core's own", "Exchange": "the core's own", "Environment": "the core's own", "Test": "the core's own", "Egress": "the core's own",
	"FirstSeen": "known from reports, not from the exchange", "KeyID": "the core's own", "Label": "the owner's own", "Fingerprint": "the core's own", "Site": "the core's own",
}

// severityOf is how bad a finding is: nothing if nobody has to look at it.
func severityOf(f *audit.Finding) audit.Severity {
	if f.Outcome == audit.Failed || f.Outcome == audit.Undetermined {
		return f.Severity
	}
	return 0
}

// improved names a rule whose verdict got better by a loss; nothing if none did.
func improved(before, after []audit.Finding) string {
	for i := range before {
		was, is := severityOf(&before[i]), severityOf(&after[i])
		if is >= was {
			continue
		}
		asked := slices.ContainsFunc(after, func(f audit.Finding) bool {
			return f.Rule != after[i].Rule && slices.Contains(strings.Split(after[i].See, ", "), f.Rule) && severityOf(&f) >= was
		})
		if after[i].Outcome == audit.NotApplicable && asked {
			continue
		}
		return fmt.Sprintf("%s: %s at %s (%s) became %s at %s (%s)", before[i].Rule, before[i].Outcome, was, before[i].Message,
			after[i].Outcome, is, after[i].Message)
	}
	return ""
}

func TestForgettingNeverHelps(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(20261129, 9))
	presets := []audit.Policy{audit.ReadOnly(), audit.SpotTrading(), audit.FuturesTrading(), audit.Trading(), audit.Treasury(), audit.Agent()}
	rules := oneKeyRules()
	cases, broken := 0, map[string]string{}
	for round := 0; cases < 120_000; round++ {
		s := randomSnapshot(random)
		policy := presets[round%len(presets)]
		if random.IntN(3) == 0 {
			policy.ExpectedIPs = []netip.Prefix{netip.MustParsePrefix("198.51.100.20/32")}
		}
		if random.IntN(3) == 0 {
			policy.Off = []audit.Hours{{From: 0, To: 24 * time.Hour}}
		}
		before := audit.Judge(s, policy, now, rules)
		for _, f := range lossesOf(s) {
			lost := s.Clone()
			f.lose(lost)
			cases++
			if what := improved(before, audit.Judge(lost, policy, now, rules)); what != "" {
				rule, _, _ := strings.Cut(what, ":")
				kind, _, _ := strings.Cut(f.name, " ")
				if key := rule + " by " + kind; broken[key] == "" {
					broken[key] = f.name + ": " + what
				}
			}
		}
	}
	for _, what := range broken {
		t.Error(what)
	}
	t.Logf("%d cases", cases)
}

// randomSnapshot makes up what an exchange might say of a key.
func randomSnapshot(r *rand.Rand) *access.Snapshot {
	one := func(n int) bool { return r.IntN(n) == 0 }
	s := &access.Snapshot{Inspection: access.Inspection{
		Exchange: "toy", Environment: "live", TakenAt: now, KeyID: "toyK…cdef", Fingerprint: "0123456789abcdef", Requests: r.IntN(3),
		KeyKind: access.KeyKind(r.IntN(5)), Verified: !one(4), Clock: access.Clock{Known: !one(4), Window: 5 * time.Second},
	}}
	if s.KeyKind == access.RSAKey {
		s.KeyBits = []int{0, 1024, 2048, 4096}[r.IntN(4)]
	}
	s.KeyKinds = [][]access.KeyKind{nil, {access.SharedSecret}, {access.SharedSecret, access.Ed25519Key}}[r.IntN(3)]
	s.Clock.Offset = []time.Duration{0, 0, 2 * time.Second, -10 * time.Second, 30 * time.Hour}[r.IntN(5)]
	if one(4) {
		s.FirstSeen = now.Add(-time.Duration(r.IntN(500)) * 24 * time.Hour)
	}
	capabilities := append(access.Capabilities(), "other:earn", "other:convert", "other:pay", "other:mystery", "other:fix-read", "other:key-secrets")
	for _, c := range capabilities {
		if one(6) || (!c.Standard() && !one(4)) {
			continue
		}
		g := access.Grant{Capability: c, State: access.State(r.IntN(3)), Evidence: access.Evidence(r.IntN(6)), AddressBook: access.AddressBook(r.IntN(4))}
		if !one(3) {
			g.Names = [][]string{{"trade"}, {"trade", "move"}, {"wallet"}}[r.IntN(3)]
			g.Implied = access.Implied(r.IntN(3))
		}
		s.Grants = append(s.Grants, g)
	}
	if one(4) {
		s.Unmapped = [][]string{{"mass_transfer"}, {"fly"}, {"fly", ""}}[r.IntN(3)]
	}
	s.IPAllowlist = randomAllowlist(r)
	s.Account.Kind, s.Account.Standing = access.AccountKind(r.IntN(3)), access.Standing(r.IntN(3))
	if one(5) {
		s.Account.Alarms = []string{"trading_blocked"}
	}
	s.KeyState = access.KeyState(r.IntN(7))
	s.PairAllowlist = access.PairAllowlist{Offered: one(2), Reported: one(2)}
	if s.PairAllowlist.Reported && one(2) {
		s.PairAllowlist.Pairs = []string{"BTC-USDT"}
	}
	ago := func(most int) time.Time { return now.Add(time.Duration(-r.IntN(most)) * 24 * time.Hour) }
	if !one(3) {
		s.Created = ago(600)
	}
	if !one(3) {
		s.LastUsed = ago(150)
	}
	switch r.IntN(4) {
	case 0:
		s.NeverExpires, s.ExpiryOffered = true, one(2)
	case 1, 2:
		s.Expires = now.Add(time.Duration(r.IntN(60)-5) * 24 * time.Hour)
	}
	if s.KeyState == access.KeyExpired { // or the facts contradict each other
		s.NeverExpires, s.Expires = false, now.Add(-24*time.Hour)
	}
	return s
}

func randomAllowlist(r *rand.Rand) access.IPAllowlist {
	texts := []string{"198.51.100.20", "203.0.113.0/24", "10.0.0.1", "8.8.0.0/16", "0.0.0.0/0", "2001:db8::1", "8.8.8.8-8.8.9.9", "203.**.154", "nonsense"}
	var entries []string
	for range r.IntN(4) {
		entries = append(entries, texts[r.IntN(len(texts))])
	}
	list := access.NewIPAllowlist(entries)
	switch r.IntN(8) {
	case 0:
		return access.IPAllowlist{}
	case 1:
		return access.IPAllowlist{State: access.AllowlistRestricted, Evidence: access.Refused}
	case 2:
		if list.State = access.AllowlistState(r.IntN(5)); list.State == access.AllowlistDenyAll {
			list.Entries = nil // or it is not what it says
		}
	case 3:
		return access.IPAllowlist{State: access.AllowlistRestricted, Evidence: access.Reported}
	case 4:
		list.State, list.Vendor = access.AllowlistRestricted, "a vendor"
	}
	return list
}
