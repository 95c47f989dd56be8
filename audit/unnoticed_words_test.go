package audit_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
)

// What is tested here could once be broken without any test noticing.

// TestNothingOddIsQuoted: what a file, an exchange or an inventory names is shown without
// control characters, which is more than with their escapes.
func TestNothingOddIsQuoted(t *testing.T) {
	t.Parallel()
	const odd = "a\x1b[31m\nb"
	answered := func(edit func(*access.Snapshot)) *access.Snapshot {
		s := &access.Snapshot{Inspection: access.Inspection{Requests: 1}}
		edit(s)
		return s
	}
	stored := func(file access.Storage) *access.Snapshot {
		file.Part, file.In = "secret", "file"
		return answered(func(s *access.Snapshot) { s.Storage = []access.Storage{file} })
	}
	record := audit.Record{HeldBy: []string{odd}, Incidents: []audit.Incident{{Holder: odd, What: odd, Until: now, Source: "https://" + odd}}}
	var texts []string
	for _, s := range []*access.Snapshot{
		stored(access.Storage{File: odd, Mode: 0o644}), stored(access.Storage{File: odd, Mode: 0o600, Folder: odd, FolderMode: 0o777}),
		stored(access.Storage{File: odd, Mode: 0o600}),
		answered(searched([]string{"/"}, odd)),
		answered(func(s *access.Snapshot) {
			s.IPAllowlist = access.NewIPAllowlist([]string{"203.0.113.7"})
			s.IPAllowlist.Vendor = odd
		}),
		answered(func(s *access.Snapshot) {
			s.Environment, s.Failure = odd, &access.Error{Kind: access.KindBadKey, Environments: []string{odd}}
		}),
	} {
		for _, f := range (&audit.Result{Snapshot: s, Record: record}).Rejudge(audit.ReadOnly(), now, nil).Findings {
			texts = append(texts, f.Message, f.Remedy)
		}
	}
	shown := 0
	for _, text := range texts {
		for _, escape := range []string{"\x1b", `\x1b`, "\n", `\n`} {
			assert.NotContains(t, text, escape)
		}
		if strings.Contains(text, "[31m") {
			shown++
		}
	}
	assert.GreaterOrEqual(t, shown, 7)
}

// TestTheRightFileIsBad: of two files, the one whose secret others can read is named.
func TestTheRightFileIsBad(t *testing.T) {
	t.Parallel()
	s := &access.Snapshot{Inspection: access.Inspection{Requests: 1, Storage: []access.Storage{
		{Part: "key", In: "file", File: "/a", Mode: 0o644}, {Part: "key", In: "file", File: "/b", Mode: 0o640}, {Part: "secret", In: "file", File: "/b", Mode: 0o640},
	}}}
	f := judgedBy(t, s, audit.ReadOnly(), audit.RuleKeyFileMode)[audit.RuleKeyFileMode]
	assert.Equal(t, audit.Failed, f.Outcome, f.Message)
	assert.Contains(t, f.Message, `"/b"`)
	assert.NotContains(t, f.Message, `"/a"`)
}

// TestFactsThatChange: what is compared, and in what words.
func TestFactsThatChange(t *testing.T) {
	t.Parallel()
	facts := func(edit func(*access.Answer)) func(*access.Snapshot) {
		return func(s *access.Snapshot) { edit(&s.Answer) }
	}
	account := func(id string) func(*access.Snapshot) {
		return facts(func(a *access.Answer) { a.Account = access.Account{Kind: access.MainAccount, ID: id} })
	}
	pairs := func(names ...string) func(*access.Snapshot) {
		return facts(func(a *access.Answer) { a.PairAllowlist.Pairs = names })
	}
	expires := func(days int) func(*access.Snapshot) {
		return facts(func(a *access.Answer) { a.Expires = firstNight.AddDate(0, 0, days) })
	}
	only := func(edit func(*access.Answer)) func(*access.Snapshot) {
		return func(s *access.Snapshot) { s.Answer = access.Answer{}; edit(&s.Answer) }
	}
	never := only(func(a *access.Answer) { a.NeverExpires = true })
	for name, c := range map[string]struct {
		is            string // the key that has the name
		before, after func(*access.Snapshot)
		outcome, says string
	}{
		"another account":                  {keyA, account("acct-1"), account("acct-2"), "failed medium", "now main acct-2, before main acct-1"},
		"pairs of which nothing is said":   {keyA, pairs("BTCUSDT"), pairs("BTCUSDT", "ETHUSDT"), "failed medium", `now "BTCUSDT", "ETHUSDT", before "BTCUSDT"`},
		"another end":                      {keyA, expires(30), expires(90), "failed medium", "when it expires: now 2026-04-10, before 2026-02-09"},
		"another key, with its own end":    {keyN, expires(30), expires(90), "passed unset", "Nothing else"},
		"only that it never expires":       {keyA, never, never, "passed unset", "Nothing else"},
		"nothing was reported, nothing is": {keyA, only(func(*access.Answer) {}), only(func(*access.Answer) {}), "not-applicable unset", "nothing that could be compared"},
	} {
		is := audit.Compare(onNight(0, tradingKey("a", keyA, 0, c.before)), onNight(1, tradingKey("a", c.is, 1, c.after)), nil)
		got, message := outcome(t, is, "a", audit.RuleFactsChanged)
		assert.Equal(t, c.outcome, got, "%s: %s", name, message)
		assert.Contains(t, message, c.says, name)
	}
}

// TestOtherKeysInOrder: what became of the account's other keys is said in their order, and
// an entry of the list that is none is passed over.
func TestOtherKeysInOrder(t *testing.T) {
	t.Parallel()
	others := func(state access.State) func(*access.Snapshot) {
		return func(s *access.Snapshot) {
			s.Siblings = append(s.Siblings, nil)
			for _, id := range []string{"cccc…3333", "aaaa…1111", "dddd…4444", "bbbb…2222", "eeee…5555"} {
				s.Siblings = append(s.Siblings, &access.Snapshot{
					Inspection: access.Inspection{KeyID: id},
					Answer:     access.Answer{Grants: []access.Grant{{Capability: access.Withdraw, State: state, Evidence: access.Reported}}},
				})
			}
		}
	}
	for range 3 {
		is := audit.Compare(onNight(0, tradingKey("a", keyA, 0, others(access.Denied))), onNight(1, tradingKey("a", keyA, 1, others(access.Granted))), nil)
		got, message := outcome(t, is, "a", audit.RuleFactsChanged)
		assert.Equal(t, "failed high", got, message)
		assert.Regexp(t, "aaaa…1111.*bbbb…2222.*cccc…3333", message)
	}
}

// TestUnusedUnderAFormerName: a waiver that nothing needs is named by the rule's present name.
func TestUnusedUnderAFormerName(t *testing.T) {
	t.Parallel()
	s := harmless()
	s.Requests = 1
	f := judgedBy(t, s, waiving(audit.ReadOnly(), "venue-expiry"), audit.RuleExchangeExpiry, audit.RuleAttestation)
	require.Contains(t, f, audit.RuleExchangeExpiry)
	assert.Contains(t, f[audit.RuleAttestation].Message, "The waiver of exchange-expiry is not used")
}

// TestUnscopedAndKnown: where the account's rights are all known, none is said to be open.
func TestUnscopedAndKnown(t *testing.T) {
	t.Parallel()
	s := harmless()
	s.Requests, s.Unscoped = 1, true
	message := judgedBy(t, s, audit.ReadOnly(), audit.RuleKeyScopes)[audit.RuleKeyScopes].Message
	assert.True(t, strings.HasSuffix(message, "whatever the account can"), message)
	s.Grants = slices.DeleteFunc(s.Grants, func(g access.Grant) bool { return g.Capability == access.Withdraw })
	assert.Contains(t, judgedBy(t, s, audit.ReadOnly(), audit.RuleKeyScopes)[audit.RuleKeyScopes].Message, "does not report whether that includes withdraw")
}

// TestInseparableRights: a power that comes with a right the policy needs is little to
// reproach the key with, and nothing is advised that the exchange does not have.
func TestInseparableRights(t *testing.T) {
	t.Parallel()
	const restrict = ", and restrict the key to the bot's IP addresses"
	judge := func(list access.IPAllowlist, implied ...access.Implied) audit.Finding {
		s := &access.Snapshot{Inspection: access.Inspection{Requests: 1}}
		s.IPAllowlist = list
		s.Grants = []access.Grant{{Capability: access.TradeSpot, State: access.Granted, Evidence: access.Reported, Names: []string{"trade"}}}
		for i, how := range implied {
			c := []access.Capability{access.APIKeyManage, access.Other("keys.delete")}[i]
			s.Grants = append(s.Grants, access.Grant{Capability: c, State: access.Granted, Evidence: access.Documented, Names: []string{"trade"}, Implied: how})
		}
		return judgedBy(t, s, audit.SpotTrading(), audit.RuleKeyManagement)[audit.RuleKeyManagement]
	}
	f := judge(access.IPAllowlist{}, access.ImpliedAlways)
	assert.Equal(t, "failed info", f.Outcome.String()+" "+f.Severity.String(), f.Message)
	assert.Contains(t, f.Remedy, restrict)
	f = judge(access.IPAllowlist{State: access.AllowlistUnrestricted, Evidence: access.Documented}, access.ImpliedAlways)
	assert.Equal(t, "failed info", f.Outcome.String()+" "+f.Severity.String(), f.Message)
	assert.Contains(t, f.Remedy, "Nothing can be switched off")
	assert.NotContains(t, f.Remedy, "IP address")
	f = judge(access.IPAllowlist{}, access.ImpliedOnMain)
	assert.Equal(t, "failed medium", f.Outcome.String()+" "+f.Severity.String(), f.Message)
	assert.Contains(t, f.Remedy, "sub-account")
}

// TestTwinsWithoutAnAnswer: two keys of which nothing was read are not the same, and what is
// unknown about them is asked where their inspection failed.
func TestTwinsWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	unread := func(s *access.Snapshot) {
		s.Answer, s.Fingerprint, s.Failure = access.Answer{}, "", &access.Error{Kind: access.KindUnavailable}
	}
	pair := func(edit func(*access.Snapshot), old ...*audit.Result) *audit.Report {
		r := tradingKey("new", keyN, 1, edit)
		r.Record.Replaces = "old"
		return audit.Compare(nil, onNight(1, append(old, r)...), nil)
	}
	got, message := outcome(t, pair(unread, tradingKey("old", keyA, 1, unread)), "new", audit.RuleTwinKeys)
	assert.Equal(t, "undetermined medium", got, message)
	got, message = outcome(t, pair(unread), "new", audit.RuleTwinKeys)
	assert.Equal(t, "undetermined medium", got, message)
	assert.Contains(t, message, "is not audited")
	got, message = outcome(t, pair(func(*access.Snapshot) {}, tradingKey("old", keyA, 1)), "new", audit.RuleTwinKeys)
	assert.Equal(t, "failed medium", got, message)
	assert.NotContains(t, message, "0001", "the creation is unknown")
	got, message = outcome(t, pair(func(s *access.Snapshot) { s.Fingerprint = keyA }, tradingKey("old", keyA, 1)), "new", audit.RuleTwinKeys)
	assert.Equal(t, "failed medium", got, message)
	assert.Contains(t, message, "is the same as")
}

// TestSameEntryInAnotherSpelling: an entry whose IP address has bits beyond its length is one
// range, and not several together; neighbours are several.
func TestSameEntryInAnotherSpelling(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		entries  []string
		together bool
	}{
		{[]string{"8.8.8.8/16"}, false}, {[]string{"8.8.0.0/16"}, false}, {[]string{"8.8.0.0/17", "8.8.128.0/17"}, true},
	} {
		s := &access.Snapshot{Inspection: access.Inspection{Requests: 1}}
		s.IPAllowlist = access.NewIPAllowlist(c.entries)
		for i := range s.IPAllowlist.Entries {
			s.IPAllowlist.Entries[i].Prefix = netip.MustParsePrefix(c.entries[i])
		}
		f := judgedBy(t, s, audit.ReadOnly(), audit.RuleIPAllowlistWidth)[audit.RuleIPAllowlistWidth]
		assert.Equal(t, c.together, strings.Contains(f.Message, "together"), f.Message)
		whole := judgedBy(t, &access.Snapshot{
			Inspection: access.Inspection{Requests: 1}, Answer: access.Answer{IPAllowlist: access.NewIPAllowlist([]string{"8.8.0.0/16"})},
		}, audit.ReadOnly(), audit.RuleIPAllowlistWidth)[audit.RuleIPAllowlistWidth]
		assert.Equal(t, whole.Severity, f.Severity, "the same addresses are as bad: %s", f.Message)
	}
}
