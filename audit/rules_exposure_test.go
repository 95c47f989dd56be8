package audit_test

import (
	"context"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

func ruleByID(t *testing.T, ids ...string) []*audit.Rule {
	t.Helper()
	var out []*audit.Rule
	for _, rule := range audit.Rules() {
		for _, id := range ids {
			if rule.ID == id {
				out = append(out, rule)
			}
		}
	}
	require.Len(t, out, len(ids))
	return out
}

func TestWordsOfAddressBooksAndStandings(t *testing.T) {
	t.Parallel()
	enumeration(t, func(i uint8) access.AddressBook { return access.AddressBook(i) }, "unknown", "off", "on", "always")
	enumeration(t, func(i uint8) access.Standing { return access.Standing(i) }, "unknown", "good", "unclear")
	assert.Equal(t, access.BookUnknown, access.Grant{}.AddressBook)
	assert.Equal(t, access.StandingUnknown, access.Account{}.Standing)
}

// TestRemedyForFiles: the command is named where it does what it says, and a
// name that a shell would act on is in none.
func TestRemedyForFiles(t *testing.T) {
	t.Parallel()
	rules := ruleByID(t, "key-file-mode")
	file := func(name string, mode uint32) access.Storage {
		return access.Storage{Part: "secret", In: "file", File: name, Mode: mode}
	}
	foreign := file("/etc/bot/secret", 0o600)
	foreign.Foreign = true
	for want, storage := range map[string][]access.Storage{
		"chmod 600 /etc/bot/secret":                            {file("/etc/bot/secret", 0o644)},
		"chmod 600 /etc/bot/secret; chmod 600 ../user_1/a-b.c": {file("/etc/bot/secret", 0o644), file("/ok", 0o600), file("../user_1/a-b.c", 0o640)},
		rules[0].Remedy: {foreign},
	} {
		f := audit.Judge(&access.Snapshot{Inspection: access.Inspection{Storage: storage}}, audit.Policy{}, now, rules)[0]
		assert.Equal(t, want, f.Remedy)
	}
	for _, name := range []string{"/tmp/$(reboot)", "/tmp/a b", "/tmp/a;b", "-rf", "/tmp/`id`", "/tmp/a'b", "/tmp/a\nb", "/tmp/ü", "~bot/secret", "C:\\bot"} {
		f := audit.Judge(&access.Snapshot{Inspection: access.Inspection{Storage: []access.Storage{file(name, 0o644)}}}, audit.Policy{}, now, rules)[0]
		assert.Equal(t, rules[0].Remedy, f.Remedy, name)
		assert.NotContains(t, f.Message, "\n")
	}
}

// TestUnusedAttestations: what no rule needs is reported, and what was left out may
// be needed.
func TestUnusedAttestations(t *testing.T) {
	t.Parallel()
	says := func(id string, o audit.Outcome, scope audit.Scope) *audit.Rule {
		return &audit.Rule{ID: id, Remedy: "r", Severity: audit.High, Scope: scope, Run: func(*audit.Pass) audit.Verdict {
			return audit.Verdict{Outcome: o, Message: "m"}
		}}
	}
	rules := append(ruleByID(t, "attestation"), // it comes first, and is asked last
		says("open", audit.Undetermined, audit.OneKey), says("bad", audit.Failed, audit.OneKey),
		says("good", audit.Passed, audit.OneKey), says("none", audit.NotApplicable, audit.OneKey),
		says("fleet", audit.Passed, audit.WholeFleet), says("drift", audit.Passed, audit.SinceLast))
	attest := func(ids ...string) (p audit.Policy) {
		for _, id := range ids {
			p.Attestations = append(p.Attestations, audit.Attestation{Rule: id, Statement: "seen", By: "Ada", At: now.AddDate(0, -1, 0), Until: now.AddDate(0, 1, 0)})
		}
		return p
	}
	waive := func(ids ...string) (p audit.Policy) {
		for _, id := range ids {
			p.Waivers = append(p.Waivers, audit.Waiver{Rule: id, Reason: "known", Until: now.AddDate(0, 1, 0)})
		}
		return p
	}
	both := attest("open", "good")
	both.Waivers = waive("open").Waivers
	lapsed := attest("open", "good")
	lapsed.Attestations[0].Until = now
	for name, c := range map[string]struct {
		policy  audit.Policy
		outcome audit.Outcome
		sev     audit.Severity
		message string
	}{
		"needed":                  {attest("open"), audit.Passed, 0, "in force and needed"},
		"needed twice":            {attest("open", "open"), audit.Passed, 0, "in force and needed"},
		"both needed":             {waive("open", "bad"), audit.Passed, 0, "in force and needed"},
		"the rule passes":         {attest("good"), audit.Failed, audit.Low, "The attestation of good is not used: the rule passes without it"},
		"the rule failed":         {attest("bad"), audit.Failed, audit.Low, "The attestation of bad is not used: the rule failed all the same"},
		"the rule does not apply": {attest("none"), audit.Failed, audit.Low, "The attestation of none is not used: the rule does not apply"},
		"waivers of good rules":   {waive("good", "none"), audit.Failed, audit.Low, "The waiver of good is not used: the rule passes without it; the waiver of none is not used"},
		"attested and waived":     {both, audit.Failed, audit.Low, "The waiver of open is not used: the rule passes without it; the attestation of good"},
		"one ran out, one idle":   {lapsed, audit.Failed, audit.Medium, "The attestation of open expired on 2026-11-22; the attestation of good is not used"},
		"left out":                {waive("fleet", "drift", "somebody's own"), audit.Passed, 0, "in force and needed"},
		"its own":                 {waive("attestation"), audit.Passed, 0, "in force and needed"},
	} {
		findings := audit.Judge(&access.Snapshot{}, c.policy, now, rules)
		require.Len(t, findings, 5, name)
		f := findings[0]
		assert.Equal(t, "attestation", f.Rule, name)
		assert.Equal(t, c.outcome, f.Outcome, "%s: %s", name, f.Message)
		assert.Equal(t, c.sev, f.Severity, name)
		assert.Contains(t, f.Message, c.message, name)
	}
	report := func() *audit.Report {
		return &audit.Report{Results: []*audit.Result{{Name: "bot", JudgedBy: waive("fleet", "drift"), Snapshot: &access.Snapshot{}}}, Finished: now}
	}
	compared := audit.Compare(report(), report(), rules).Results[0]
	require.Len(t, compared.Findings, 7)
	assert.Equal(t, "The waiver of fleet is not used: the rule passes without it", compared.Finding("attestation").Message, "what changed is needed for one report only")
}

// TestAnAuditIsNoUse: a key that only the audits use is not in use, however
// often it is audited.
func TestAnAuditIsNoUse(t *testing.T) {
	t.Parallel()
	rules := ruleByID(t, "idle-key")
	night := func(n int, used time.Time) *audit.Report {
		at := now.AddDate(0, 0, n)
		return &audit.Report{Finished: at, Results: []*audit.Result{{Name: "bot", Snapshot: &access.Snapshot{Inspection: access.Inspection{TakenAt: at, Fingerprint: "f", Requests: 1}, Answer: access.Answer{LastUsed: used}}}}}
	}
	at := func(n int, after time.Duration) time.Time { return now.AddDate(0, 0, n).Add(after) }
	for name, c := range map[string]struct {
		used []time.Time // as reported in each run
		want audit.Outcome
	}{
		"first run":                  {[]time.Time{at(0, -time.Hour)}, audit.Passed},
		"used by the bot":            {[]time.Time{at(0, -time.Hour), at(1, -time.Hour), at(2, -time.Hour)}, audit.Passed},
		"not used since":             {[]time.Time{at(-3, 0), at(-3, 0), at(-3, 0)}, audit.Passed},
		"used by the audits":         {[]time.Time{at(-3, 0), at(0, time.Second), at(1, time.Second)}, audit.Undetermined},
		"reported late":              {[]time.Time{at(-3, 0), at(-3, 0), at(0, time.Second)}, audit.Undetermined},
		"by the audit, clocks apart": {[]time.Time{at(-3, 0), at(0, -30*time.Second)}, audit.Undetermined},
		"the audit took long":        {[]time.Time{at(-3, 0), at(0, 5*time.Minute)}, audit.Undetermined},
		"idle all the same":          {[]time.Time{at(-60, 0), at(-60, 0)}, audit.Failed},
	} {
		var before *audit.Report
		for n, used := range c.used {
			before = audit.Compare(before, night(n, used), rules)
		}
		f := before.Results[0].Finding("idle-key")
		assert.Equal(t, c.want.String(), f.Outcome.String(), "%s: %s", name, f.Message)
	}
}

// TestNewFactsAreClean: what the exchange says in them has neither secrets nor
// what a terminal acts on.
func TestNewFactsAreClean(t *testing.T) {
	t.Parallel()
	nasty := "z\x1b[31m\u202e " + toySecret
	key := toyKey(func(k *audit.Key) {
		k.Exchange = toyExchange(func(e *adapter.Exchange) {
			e.Inspect = func(ctx context.Context, session *adapter.Session) (*access.Snapshot, error) {
				_, err := session.Do(ctx, adapter.Request{Method: http.MethodGet, Path: "/key"})
				return &access.Snapshot{
					Answer: access.Answer{
						Account:       access.Account{Alarms: []string{nasty, "a"}},
						PairAllowlist: access.PairAllowlist{Pairs: []string{nasty}},
					},
				}, err
			}
		})
	})
	s, _ := inspectToy(t, key, via(func(*http.Request) (*http.Response, error) { return reply(http.StatusOK, "{}"), nil }))
	require.Nil(t, s.Failure)
	assert.Equal(t, []string{"a", "z [31m  [redacted]"}, s.Account.Alarms)
	assert.Equal(t, []string{"z [31m  [redacted]"}, s.PairAllowlist.Pairs)
}

// TestForgettingNewFacts: who knows less of an address book, an account, pairs,
// files or dates never sees a better answer.
func TestForgettingNewFacts(t *testing.T) {
	t.Parallel()
	rich := func(seed uint64) *access.Snapshot {
		r := rand.New(rand.NewPCG(seed, 31))
		s := arbitrary(r)
		for i := range s.Grants {
			s.Grants[i].AddressBook = access.AddressBook(r.IntN(4))
		}
		s.Account.Standing = pick(r, access.StandingGood, access.StandingUnclear)
		s.PairAllowlist = access.PairAllowlist{Offered: true, Reported: r.IntN(2) == 0, Pairs: pick(r, nil, []string{"BTC-EUR"})}
		s.LastUsed = pick(r, time.Time{}, now.AddDate(0, 0, -r.IntN(120)))
		s.FirstSeen = pick(r, time.Time{}, now.AddDate(0, 0, -r.IntN(500)))
		s.KeyKind, s.KeyBits = access.KeyKind(r.IntN(5)), pick(r, 0, 1024, 4096)
		s.KeyKinds = pick(r, nil, []access.KeyKind{access.SharedSecret}, []access.KeyKind{access.SharedSecret, access.Ed25519Key})
		s.Storage = []access.Storage{{Part: "secret", In: "file", File: "/f", Mode: pick[uint32](r, 0, 0o600, 0o640, 0o644)}}
		return s
	}
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 32))
		policy := arbitraryPolicy(r)
		s := rich(seed)
		before := audit.Judge(s, policy, now, nil)
		ways := forgetting(s)
		ways["the address books"] = func(s *access.Snapshot) {
			for i := range s.Grants {
				s.Grants[i].AddressBook = access.BookUnknown
			}
		}
		ways["the pairs"] = func(s *access.Snapshot) { s.PairAllowlist = access.PairAllowlist{Offered: true} }
		ways["the last use"] = func(s *access.Snapshot) { s.LastUsed = time.Time{} }
		ways["the kind of key"] = func(s *access.Snapshot) { s.KeyKind = access.KindOfKeyUnknown }
		ways["the length of the key"] = func(s *access.Snapshot) { s.KeyBits = 0 }
		ways["the kinds on offer"] = func(s *access.Snapshot) { s.KeyKinds = nil }
		ways["the mode of the file"] = func(s *access.Snapshot) { s.Storage[0].Mode = 0 }
		delete(ways, "the account") // whether an exchange reports its state is a fact about the exchange
		ways["the state of the account"] = func(s *access.Snapshot) { s.Account.Standing = access.StandingUnclear }
		for what, forget := range ways {
			less := rich(seed)
			forget(less)
			after := audit.Judge(less, policy, now, nil)
			for i, f := range after {
				if bad(&before[i]) && !bad(&f) && !pointsOn(after, &f) {
					t.Fatalf("seed %d: forgetting %s turns %s from %q (%s) into %q (%s)\n%s", seed, what, f.Rule, before[i].Outcome, before[i].Message, f.Outcome, f.Message, show(s))
				}
			}
		}
	}
}
